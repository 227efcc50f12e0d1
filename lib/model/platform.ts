import type { Platform } from './descriptor';
import { InvalidValue } from './invalid';
import { nearMiss } from './near-miss';

/** Operating systems and architectures as Go names them, which is what images use (OCI image-spec v1.1, image-index.md "platform"). */
const SYSTEMS = ['linux', 'windows', 'darwin', 'freebsd', 'netbsd', 'openbsd', 'solaris', 'illumos', 'aix', 'wasip1'];
const ARCHITECTURES = [
  ...['amd64', 'arm64', 'arm', '386', 'ppc64le', 's390x', 'riscv64', 'loong64'],
  ...['mips', 'mipsle', 'mips64', 'mips64le', 'ppc64', 'wasm'],
];
/** Other words for them, as machines say them (`uname -m`) and as Docker reads them. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['i386', '386'],
  ['i686', '386'],
  ['x86', '386'],
  ['aarch64', 'arm64'],
  ['armhf', 'arm/v7'],
  ['armel', 'arm/v6'],
]);
const PART = /^[a-z0-9][a-z0-9._-]*$/;
/** What an attestation has for a platform: it is none. */
const UNKNOWN = 'unknown';

/**
 * `os/architecture` or `os/architecture/variant`, in the words of {@link normalizePlatform}. A name that nobody has heard of is
 * taken, unless one that is known was probably meant.
 *
 * @throws InvalidValue
 */
export function parsePlatform(text: string): Platform {
  const [os = '', architecture, variant, ...more] = text.trim().toLowerCase().split('/');
  const parts = [os, architecture, variant].filter((part) => part !== undefined);
  if (architecture === undefined || more.length > 0 || !parts.every((part) => PART.test(part))) {
    throw bad(text, suggestion(text) ?? 'os/architecture such as linux/amd64 or linux/arm/v7');
  }
  const platform = normalizePlatform({ os, architecture, ...(variant === undefined ? {} : { variant }) });
  if ([platform.os, platform.architecture].includes(UNKNOWN)) {
    throw bad(text, 'the platform of an image, with which its attestations go,');
  }
  const meant = {
    ...platform,
    os: known(platform.os, SYSTEMS),
    architecture: known(platform.architecture, ARCHITECTURES),
  };
  if (formatPlatform(meant) !== formatPlatform(platform)) throw bad(text, formatPlatform(meant));
  return platform;
}

/** `linux/amd64`, `linux/arm/v7`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}

/** One text for a set of platforms, whatever their order: `linux/amd64,linux/arm64`. */
export function formatPlatforms(platforms: readonly Platform[]): string {
  return platforms.map(formatPlatform).sort().join(',');
}

/**
 * The one way to say a platform, as Docker and containerd do it: `x86_64` is `amd64`, `aarch64` and `arm64/v8` are `arm64`, `arm`
 * is `arm/v7`, `amd64/v1` is `amd64`.
 */
export function normalizePlatform(given: Platform): Platform {
  const system = given.os.toLowerCase();
  const os = system === 'macos' ? 'darwin' : system;
  const said = given.architecture.toLowerCase();
  const [architecture = '', implied] = (OTHER_WORDS.get(said) ?? said).split('/');
  const variant = normalizeVariant(architecture, given.variant?.toLowerCase() || implied);
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

function normalizeVariant(architecture: string, said: string | undefined): string | undefined {
  const variant = said !== undefined && /^\d+$/.test(said) ? `v${said}` : said;
  if (architecture === 'arm') return variant ?? 'v7';
  const isUsual = (architecture === 'arm64' && variant === 'v8') || (architecture === 'amd64' && variant === 'v1');
  return isUsual ? undefined : variant;
}

function known(name: string, names: readonly string[]): string {
  return names.includes(name) ? name : (nearMiss(name, names) ?? name);
}

/** What a text that is no platform was probably meant to be. */
function suggestion(text: string): string | undefined {
  const words = text
    .trim()
    .toLowerCase()
    .split(/[/:_\s-]+/);
  const [first = '', second] = words[0] === 'x86' && words[1] === '64' ? ['amd64'] : words;
  const isArchitecture = ARCHITECTURES.includes(first) || OTHER_WORDS.has(first);
  if (second === undefined && isArchitecture)
    return formatPlatform(normalizePlatform({ os: 'linux', architecture: first }));
  if (second !== undefined && SYSTEMS.includes(first) && ARCHITECTURES.includes(second))
    return words.slice(0, 3).join('/');
  return undefined;
}

function bad(text: string, remedy: string): InvalidValue {
  return new InvalidValue('platform', text, `${remedy} would do`);
}
