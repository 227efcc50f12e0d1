import { validation } from './refusals';

/** The JSON object of a request. */
export type Input = Readonly<Record<string, unknown>>;

const NAME = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/** @throws AwsError ValidationException */
export function requireText(input: Input, key: string): string {
  const value = optionalText(input, key);
  if (value === undefined) throw validation(`Value at '${key}' failed to satisfy constraint: Member must not be null`);
  return value;
}

export function optionalText(input: Input, key: string): string | undefined {
  const value = input[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw notOf(key, 'a string');
  return value;
}

export function optionalFlag(input: Input, key: string): boolean | undefined {
  const value = input[key];
  if (value === undefined || typeof value === 'boolean') return value;
  throw notOf(key, 'a boolean');
}

export function optionalMap(input: Input, key: string): Input | undefined {
  const value = input[key];
  if (value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))) {
    return value as Input | undefined;
  }
  throw notOf(key, 'a structure');
}

export function optionalList(input: Input, key: string, least = 0, most = 1000): Input[] | undefined {
  const value = input[key];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw notOf(key, 'a list');
  if (value.length < least || value.length > most) {
    const rule = value.length > most ? `less than or equal to ${most}` : `greater than or equal to ${least}`;
    throw validation(`Value at '${key}' failed to satisfy constraint: Member must have length ${rule}`);
  }
  return value;
}

export function requireList(input: Input, key: string, least: number, most: number): Input[] {
  const list = optionalList(input, key, least, most);
  if (list === undefined) throw validation(`Value at '${key}' failed to satisfy constraint: Member must not be null`);
  return list;
}

export function optionalTexts(input: Input, key: string, least = 0, most = 1000): string[] | undefined {
  const list = optionalList(input, key, least, most) as readonly unknown[] | undefined;
  if (list?.some((one) => typeof one !== 'string')) throw notOf(key, 'a list of strings');
  return list as string[] | undefined;
}

/** One of some words. */
export function optionalEnum<T extends string>(input: Input, key: string, words: readonly T[]): T | undefined {
  const value = optionalText(input, key);
  if (value === undefined || words.includes(value as T)) return value as T | undefined;
  throw validation(
    `Value '${value}' at '${key}' failed to satisfy constraint: Member must satisfy enum value set: [${words.join(', ')}]`,
  );
}

export function requireEnum<T extends string>(input: Input, key: string, words: readonly T[]): T {
  requireText(input, key);
  return optionalEnum(input, key, words) as T;
}

/** A repository's name as the API takes it: 2 to 256 characters, lower case. */
export function checkName(name: string): string {
  if (name.length >= 2 && name.length <= 256 && NAME.test(name)) return name;
  throw validation(
    `Value '${name}' at 'repositoryName' failed to satisfy constraint: Member must have length between 2 and 256 and satisfy the regular expression of repository names`,
  );
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/** A page of at most `maxResults` (1 to `most`), with a token for the next. */
export function page<T>(input: Input, items: readonly T[], usual: number, most: number): Page<T> {
  const size = input.maxResults ?? usual;
  if (!Number.isInteger(size) || Number(size) < 1 || Number(size) > most) {
    throw validation(
      `Value '${size}' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and ${most}`,
    );
  }
  const start = startOf(optionalText(input, 'nextToken'));
  const end = start + Number(size);
  const nextToken = end < items.length ? Buffer.from(`page ${end}`).toString('base64') : undefined;
  return { items: items.slice(start, end), ...(nextToken === undefined ? {} : { nextToken }) };
}

function startOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const start = /^page (\d+)$/.exec(Buffer.from(token, 'base64').toString())?.[1];
  if (start === undefined) throw validation("Value at 'nextToken' failed to satisfy constraint: invalid token");
  return Number(start);
}

function notOf(key: string, kind: string) {
  return validation(`Value at '${key}' failed to satisfy constraint: Member must be ${kind}`);
}
