import { InvalidValue } from './invalid';
import { isMap } from './row-reader';

/** A sigstore trusted root as JSON has it: whose certificates, logs and clocks count. Its parts are read where they are used. */
export type TrustedRoot = Readonly<Record<string, unknown>>;

const WOULD = 'sigstore’s trusted_root.json would do: a map with certificateAuthorities';

/** @throws InvalidValue unless it looks like one */
export function readTrustedRoot(value: unknown, what: string): TrustedRoot {
  const isRoot = isMap(value) && Array.isArray(value.certificateAuthorities) && value.certificateAuthorities.length > 0;
  if (!isRoot) throw new InvalidValue(what, value, WOULD);
  return value;
}

/** The same from text. @throws InvalidValue */
export function parseTrustedRoot(text: string, what: string): TrustedRoot {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidValue(what, '…', WOULD);
  }
  return readTrustedRoot(value, what);
}
