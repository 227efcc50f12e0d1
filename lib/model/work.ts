import type { Copy, CopyDestination, CopyReason } from './copy';
import type { Descriptor, Platform } from './descriptor';
import { isDigest } from './digest';
import { InvalidValue } from './invalid';
import { formatReference, parseReference, type Reference } from './reference';
import { isMap } from './row-reader';
import { readSignatureRequirement } from './signature-requirement';

/** An item of DynamoDB holds 400 KB, keys and names included. Bytes. */
const CHUNK_BYTES = 300 * 1024;
const VERSION = 1;

/**
 * Copies as JSON texts, each of at most `limit` bytes and each complete by itself: {@link parseWork} reads one. A copy
 * stays whole unless it alone is too big: then its destinations are parted.
 *
 * @throws InvalidValue when one destination of one copy alone is too big.
 */
export function formatWork(copies: readonly Copy[], limit: number = CHUNK_BYTES): readonly string[] {
  const [head, tail] = [`{"version":${VERSION},"copies":[`, ']}'];
  const room = limit - head.length - tail.length;
  const chunks: string[] = [];
  let parts: string[] = [];
  let length = 0;
  const close = () => {
    if (parts.length > 0) chunks.push(`${head}${parts.join(',')}${tail}`);
    [parts, length] = [[], 0];
  };
  for (const part of copies.flatMap((copy) => writeCopy(copy, room))) {
    if (length + part.length + 1 > room) close();
    parts.push(part);
    length += part.length + 1;
  }
  close();
  return chunks;
}

/** @throws InvalidValue on anything that is not what {@link formatWork} writes. */
export function parseWork(text: string): Copy[] {
  const document = parseJson(text);
  if (!isMap(document) || document.version !== VERSION || !Array.isArray(document.copies)) {
    throw bad('work list', document, `version ${VERSION} with a list of copies would do`);
  }
  return document.copies.map(readCopy);
}

/** One copy as one text, or several with its destinations parted. */
function writeCopy(copy: Copy, room: number): readonly string[] {
  const text = ascii(JSON.stringify(plain(copy)));
  if (text.length + 1 <= room) return [text];
  const half = Math.ceil(copy.destinations.length / 2);
  if (copy.destinations.length < 2) {
    throw bad(
      'work list',
      formatReference(copy.source),
      `a copy of at most ${room} bytes would do, with fewer rows or shorter names`,
    );
  }
  return [copy.destinations.slice(0, half), copy.destinations.slice(half)].flatMap((destinations) =>
    writeCopy({ ...copy, destinations }, room),
  );
}

function plain(copy: Copy): object {
  return {
    mirrors: copy.mirrors,
    source: formatReference(copy.source),
    root: copy.root,
    destinations: copy.destinations.map(({ reference, ...rest }) => ({ to: formatReference(reference), ...rest })),
    referrers: copy.referrers,
    artifactTypes: copy.artifactTypes,
    platforms: copy.platforms,
    compare: copy.compare,
    requireSignature: copy.requireSignature,
  };
}

/** One byte a character, so that the length of the text is what it takes in the table. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const COPY_FIELDS: readonly string[] = [
  'mirrors',
  'source',
  'root',
  'destinations',
  'referrers',
  'artifactTypes',
  'platforms',
  'compare',
  'requireSignature',
];

function readCopy(value: unknown): Copy {
  const copy = mapOf(value, 'copy', COPY_FIELDS);
  const source = readReference(copy.source, 'copy source');
  const { digest } = source;
  if (digest === undefined) throw bad('copy source', copy.source, 'a reference with its digest would do');
  const root = readDescriptor(copy.root);
  if (root.digest !== digest) throw bad('copy root', root.digest, `the source’s digest ${digest} would do`);
  if (typeof copy.referrers !== 'boolean') throw bad('copy referrers', copy.referrers, 'true or false would do');
  const { destinations } = copy;
  if (!Array.isArray(destinations) || destinations.length === 0) {
    throw bad('copy destinations', destinations, 'a list of at least one would do');
  }
  return {
    mirrors: texts(copy.mirrors, 'copy mirrors'),
    source: { ...source, digest },
    root,
    destinations: destinations.map(readDestination),
    referrers: copy.referrers,
    ...(copy.artifactTypes === undefined ? {} : { artifactTypes: texts(copy.artifactTypes, 'copy artifactTypes') }),
    ...(copy.platforms === undefined ? {} : { platforms: readPlatforms(copy.platforms) }),
    ...(copy.compare === undefined ? {} : { compare: readCompare(copy.compare) }),
    ...(copy.requireSignature === undefined
      ? {}
      : { requireSignature: readSignatureRequirement(copy.requireSignature) }),
  };
}

const REASONS: readonly CopyReason[] = ['missing', 'changed', 'referrers', 'verify'];

function readDestination(value: unknown): CopyDestination {
  const destination = mapOf(value, 'copy destination', ['to', 'why', 'fence', 'keepPrevious', 'onConflict']);
  const why = REASONS.find((reason) => reason === destination.why);
  if (why === undefined) throw bad('copy reason', destination.why, `${REASONS.join(', ')} would do`);
  const { fence, keepPrevious, onConflict } = destination;
  if (fence !== undefined && !isCount(fence)) throw bad('copy fence', fence, 'a whole number would do');
  if (keepPrevious !== undefined && keepPrevious !== true)
    throw bad('copy keepPrevious', keepPrevious, 'true would do');
  if (onConflict !== undefined && onConflict !== 'suffix') throw bad('copy onConflict', onConflict, 'suffix would do');
  const reference = readReference(destination.to, 'copy destination');
  return {
    reference,
    why,
    ...(fence === undefined ? {} : { fence }),
    ...(keepPrevious === undefined ? {} : { keepPrevious }),
    ...(onConflict === undefined ? {} : { onConflict }),
  };
}

function readDescriptor(value: unknown): Descriptor {
  const root = mapOf(value, 'copy root', [
    'mediaType',
    'digest',
    'size',
    'artifactType',
    'annotations',
    'platform',
    'urls',
  ]);
  const { mediaType, digest, size, artifactType, annotations, platform, urls } = root;
  if (typeof mediaType !== 'string' || mediaType === '') throw bad('copy root mediaType', mediaType, 'a text would do');
  if (!isDigest(digest)) throw bad('copy root digest', digest, 'a digest would do');
  if (!isCount(size)) throw bad('copy root size', size, 'a number of bytes would do');
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType: text(artifactType, 'copy root artifactType') }),
    ...(annotations === undefined ? {} : { annotations: readAnnotations(annotations) }),
    ...(platform === undefined ? {} : { platform: readPlatform(platform) }),
    ...(urls === undefined ? {} : { urls: texts(urls, 'copy root urls') }),
  };
}

function readAnnotations(value: unknown): Readonly<Record<string, string>> {
  if (!isMap(value)) throw bad('copy root annotations', value, 'a map would do');
  const entries = Object.entries(value).map(([name, one]) => [name, text(one, 'copy root annotations')] as const);
  return Object.fromEntries(entries);
}

function readPlatforms(value: unknown): readonly Platform[] {
  if (!Array.isArray(value) || value.length === 0)
    throw bad('copy platforms', value, 'a list of at least one would do');
  return value.map(readPlatform);
}

function readCompare(value: unknown): 'config' {
  if (value !== 'config') throw bad('copy compare', value, 'config would do');
  return value;
}

function readPlatform(value: unknown): Platform {
  const { os, architecture, variant } = mapOf(value, 'copy root platform', ['os', 'architecture', 'variant']);
  return {
    os: text(os, 'copy root platform'),
    architecture: text(architecture, 'copy root platform'),
    ...(variant === undefined ? {} : { variant: text(variant, 'copy root platform') }),
  };
}

function readReference(value: unknown, what: string): Reference {
  const written = text(value, what);
  const reference = parseReference(written);
  if (formatReference(reference) !== written) throw bad(what, written, `${formatReference(reference)} would do`);
  return reference;
}

function mapOf(value: unknown, what: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (!isMap(value)) throw bad(what, value, 'a map would do');
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw bad(what, unknown, `only ${known.join(', ')} would do`);
  return value;
}

function texts(value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value)) throw bad(what, value, 'a list of texts would do');
  return value.map((one) => text(one, what));
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw bad(what, value, 'a text would do');
  return value;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad('work list', text, 'JSON would do');
  }
}

function bad(what: string, got: unknown, remedy: string): InvalidValue {
  return new InvalidValue(what, got, remedy);
}
