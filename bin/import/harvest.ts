import { printable, show } from '../../lib/model/invalid';
import { isMap } from '../../lib/model/row-reader';

/** A mirror as a file of mirrors spells it. */
export interface Entry {
  readonly source: string;
  readonly from?: string;
  /** One or several; without any, the mapping of the file decides. */
  readonly destination?: string | readonly string[];
  readonly tags?: EntryTags;
  readonly platforms?: readonly string[];
  readonly referrers?: boolean;
  readonly artifactTypes?: readonly string[];
  readonly compare?: 'config';
  readonly every?: string;
  readonly expires?: number;
  readonly keepPrevious?: boolean;
}

export interface EntryTags {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly semver?: string;
  readonly latest?: number;
  readonly min?: number;
}

/** What another program's file asks for, in our words, and what of it is not carried. */
export class Harvest {
  readonly entries: Entry[] = [];
  /** One line each: where it stands, and what would do instead. Never a value, which may be a secret. */
  readonly notes: string[] = [];

  add(entry: Entry): void {
    this.entries.push(entry);
  }

  /** @param where `sync[2].hooks` */
  note(where: string, message: string): void {
    const line = printable(`${where}: ${message}`);
    if (!this.notes.includes(line)) this.notes.push(line);
  }

  /** Says what each key of a map means here; of those that are none of the format's, that they are not known. */
  noteKeys(
    map: Readonly<Record<string, unknown>>,
    where: string,
    keys: Readonly<Record<string, string | undefined>>,
  ): void {
    for (const key of Object.keys(map)) {
      if (key.startsWith('x-')) continue;
      const place = where === '' ? key : `${where}.${key}`;
      if (!Object.hasOwn(keys, key)) this.note(place, 'is not known in this format, and is not carried');
      else if (keys[key] !== undefined) this.note(place, keys[key]);
    }
  }
}

/** Where images go that the file itself gives no place, as the command line says. */
export interface Target {
  /** `registry`, or `registry/prefix`. @default - the mapping of the file of mirrors decides */
  readonly destination?: string;
}

/** The source's path below the target. */
export function below({ destination }: Target, path: string): { readonly destination?: string } {
  return destination === undefined ? {} : { destination: `${destination.replace(/\/+$/, '')}/${path}` };
}

/** Templates of other programs are never evaluated: they read files and the environment of whoever does. */
export function hasTemplate(value: unknown): boolean {
  return typeof value === 'string' && (value.includes('{{') || /\$\{?\w/.test(value));
}

/** A part of a document that should be a map; anything else is noted, and nothing. */
export function mapAt(value: unknown, where: string, harvest: Harvest): Readonly<Record<string, unknown>> {
  if (isMap(value)) return value;
  if (value !== undefined && value !== null) harvest.note(where, `got ${kindOf(value)}; a map would do`);
  return {};
}

export function listAt(value: unknown, where: string, harvest: Harvest): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value !== undefined && value !== null) harvest.note(where, `got ${kindOf(value)}; a list would do`);
  return [];
}

/** A list of texts, or one text. */
export function textsAt(value: unknown, where: string, harvest: Harvest): readonly string[] {
  const values = typeof value === 'string' || typeof value === 'number' ? [value] : listAt(value, where, harvest);
  return values.flatMap((one, i) => {
    if (typeof one === 'string' || typeof one === 'number') return [String(one)];
    harvest.note(`${where}[${i}]`, `got ${kindOf(one)}; a text would do`);
    return [];
  });
}

export function textAt(value: unknown, where: string, harvest: Harvest): string | undefined {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  if (value !== undefined && value !== null) harvest.note(where, `got ${kindOf(value)}; a text would do`);
  return undefined;
}

/** What a value is, without the value. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return isMap(value) ? 'a map' : typeof value === 'string' ? 'a text' : show(value);
}

/** A pattern of ours that stands for a tag as it is written. */
export function exactTag(tag: string): string {
  return /^[\w.-]+$/.test(tag) ? tag : `/^${tag.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$/`;
}

/** A pattern of ours for an expression of others that is of whole tags: in their very words, alternatives or not. */
export function wholeTag(expression: string): string {
  const text = expression.trim();
  return `/${text.startsWith('^') ? '' : '^'}${text}${text.endsWith('$') ? '' : '$'}/`;
}

/** `a/b:1.0` parted into what is before its tag, the tag, the digest. */
export function parted(reference: string): { readonly name: string; readonly tag?: string; readonly digest?: string } {
  const at = reference.indexOf('@');
  const before = at < 0 ? reference : reference.slice(0, at);
  const colon = before.lastIndexOf(':');
  const hasTag = colon > before.lastIndexOf('/');
  return {
    name: hasTag ? before.slice(0, colon) : before,
    ...(hasTag ? { tag: before.slice(colon + 1) } : {}),
    ...(at < 0 ? {} : { digest: reference.slice(at + 1) }),
  };
}
