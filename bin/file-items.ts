import { resolve } from 'node:path';
import { printable, show } from '../lib/model/invalid';
import { fileEntries } from '../lib/model/mirror-file';
import { problemLine, ROW_ATTRIBUTES } from '../lib/model/mirror-row';
import { formatRepository } from '../lib/model/reference';
import { isMap, spell } from '../lib/model/row-reader';
import type { FlagValues } from './arguments';
import type { Io } from './io';
import { parseYaml } from './mirrors';
import { canonical, expiryOf } from './row-flags';
import { readTextFile } from './text-file';
import { UsageError } from './usage';

type Values = Readonly<Record<string, unknown>>;

/** Each is compared with all others, and written by a request of its own. */
const MOST = 2000;
/** What says something about one row. */
const OF_ONE = ['include', 'exclude', 'semver', 'latest', 'min', 'expires', 'row'] as const;

/** The mirrors of a file as rows of the table, as plain values. @throws UsageError */
export async function fileItems(
  file: string,
  given: readonly string[],
  flags: FlagValues,
  io: Io,
): Promise<readonly Record<string, unknown>[]> {
  const beside = given[0] ?? OF_ONE.filter((name) => flags[name] !== undefined).map((name) => `--${name}`)[0];
  if (beside !== undefined) throw new UsageError(`add: got ${show(beside)} beside a file; one of the two would do`);
  const text = await readTextFile(resolve(io.cwd, file), file, 'a file of mirrors');
  const { entries, problems } = fileEntries(parseYaml(text, file));
  const [error] = problems.filter(({ severity }) => severity === 'error');
  if (error !== undefined) throw new UsageError(`${printable(file)}: ${problemLine(error)}`);
  if (entries.length > MOST)
    throw new UsageError(`${printable(file)}: got ${entries.length} mirrors; ${MOST} would do`);
  const items = entries.map(({ values, mapped }) => itemOf(values, mapped && formatRepository(mapped)));
  const keys = items.map(({ Source }) => Source);
  const twice = keys.find((key, at) => keys.indexOf(key) < at);
  if (twice === undefined) return items;
  throw new UsageError(
    `${printable(file)}: got ${show(twice)} twice; a name of its own (source: NAME, from: the image) would do`,
  );
}

/** @param mapped where the mapping of the file itself puts what has no destination */
function itemOf(values: Values, mapped: string | undefined): Record<string, unknown> {
  const { Source, Expires, ...rest } = inTable(values, 'Tags', 'RequireSignature');
  const named = typeof Source === 'string' && rest.From === undefined ? canonical(Source) : Source;
  return {
    Source: named,
    ...rest,
    ...(rest.Destination === undefined && mapped !== undefined ? { Destination: mapped } : {}),
    ...(Expires === undefined ? {} : { Expires: typeof Expires === 'string' ? expiryOf(Expires) : Expires }),
  };
}

/** Names as the table spells them, those within the attributes that are maps, too. Names that are unknown stay, to be told about. */
function inTable(values: Values, ...maps: readonly string[]): Record<string, unknown> {
  const known = new Map(ROW_ATTRIBUTES.map((name) => [spell(name, 'file'), name]));
  return Object.fromEntries(
    Object.entries(values).map(([written, value]) => {
      const name = known.get(written) ?? written;
      return [name, maps.includes(name) && isMap(value) ? capitalised(value) : value];
    }),
  );
}

function capitalised(values: Values): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${name.charAt(0).toUpperCase()}${name.slice(1)}`, value]),
  );
}
