import { mapOf } from './document';
import { InvalidValue, show } from './invalid';
import { normaliseKey } from './public-key';
import { compileRegularExpression, isRegularExpression, regularExpressionProblem } from './regular-expression';
import { type Spelling, spell } from './row-reader';

/**
 * Who must have signed an image: the holder of any one of some keys, or an identity that an issuer vouched for (keyless). Plain
 * JSON, in work lists as in files.
 */
export type SignatureRequirement = KeyRequirement | IdentityRequirement;

export interface KeyRequirement {
  /** Public keys in PEM, as {@link normaliseKey} writes them: a signature by any one of them will do. */
  readonly keys: readonly string[];
}

export interface IdentityRequirement {
  /** Subject of the signing certificate, letter by letter; or `/a regular expression/` that matches all of it. */
  readonly identity: string;
  /** Who vouched for the identity, letter by letter: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
}

const NAMES = ['Key', 'Keys', 'Identity', 'Issuer'];
const MOST_KEYS = 10;
const LONGEST_IDENTITY = 512;

/**
 * @param spelling of its names: as in the table (`Key`), or as in a file and in work lists (`key`)
 * @throws InvalidValue naming the part, what was got and what would do
 */
export function readSignatureRequirement(value: unknown, spelling: Spelling = 'file'): SignatureRequirement {
  const names = NAMES.map((name) => spell(name, spelling));
  const [key, keys, identity, issuer] = names as [string, string, string, string];
  const map = mapOf(value, 'signature', names);
  const given = names.filter((name) => map[name] !== undefined);
  const byKey = given.includes(key) || given.includes(keys);
  const byIdentity = given.includes(identity) || given.includes(issuer);
  if (byKey === byIdentity || given.length > (byKey ? 1 : 2)) {
    throw new InvalidValue('signature', given, `one of ${key}, ${keys}, or ${identity} with ${issuer}, would do`);
  }
  if (byKey) return { keys: readKeys(map[key], map[keys], { key, keys }) };
  return { identity: readIdentity(map[identity], identity), issuer: readIssuer(map[issuer], issuer) };
}

/** Whether a certificate's subject is the one that is asked for. */
export function matchesIdentity({ identity }: IdentityRequirement, subject: string): boolean {
  if (!isRegularExpression(identity)) return subject === identity;
  const end = identity.lastIndexOf('/');
  return compileRegularExpression(`/^(?:${identity.slice(1, end)})$${identity.slice(end)}`).matches(subject);
}

function readKeys(one: unknown, many: unknown, names: { readonly key: string; readonly keys: string }) {
  if (one !== undefined) return [normaliseKey(one, names.key)];
  const list = many instanceof Set ? [...many] : many;
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_KEYS) {
    throw new InvalidValue(names.keys, Array.isArray(list) ? list.length : many, `1 to ${MOST_KEYS} would do`);
  }
  return [...new Set(list.map((text) => normaliseKey(text, names.keys)))];
}

function readIdentity(value: unknown, name: string): string {
  const would = 'the certificate’s subject would do: https://github.com/org/repo/.github/workflows/release.yml@refs/…';
  if (typeof value !== 'string' || value.trim() === '') throw new InvalidValue(name, value, would);
  const text = value.trim();
  if (text.length > LONGEST_IDENTITY) {
    throw new InvalidValue(name, text, `at most ${LONGEST_IDENTITY} characters would do`);
  }
  const problem = isRegularExpression(text) ? regularExpressionProblem(text) : undefined;
  if (problem !== undefined) throw new InvalidValue(name, text, problem.slice(`got ${show(text)}; `.length));
  return text;
}

function readIssuer(value: unknown, name: string): string {
  const would = 'the https address of who vouches would do: https://token.actions.githubusercontent.com';
  const isAddress = typeof value === 'string' && /^https:\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/.test(value.trim());
  if (!isAddress || value.length > LONGEST_IDENTITY) throw new InvalidValue(name, value, would);
  return value.trim();
}
