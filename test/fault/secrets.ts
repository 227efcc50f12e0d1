import * as canary from '../../local/canary';
import type { Answer } from './proxy';
import type { Target } from './target';

/** Something that one host alone may see, and that nobody may say. */
export interface Secret {
  readonly what: string;
  readonly value: string;
  /** The name of its host. */
  readonly host: string;
}

/** A password that appears nowhere by chance. */
export function newSecret(host: string, what: string): Secret {
  return { what, value: canary.newSecret(), host };
}

/** The tokens that a token endpoint has given are secrets as well. */
export function tokensIn(host: string, target: Target, { status, body }: Answer): Secret[] {
  if (target !== 'token' || status !== 200) return [];
  const { token } = JSON.parse(body.toString()) as { token: string };
  return [{ what: 'token', value: token, host }];
}

/** Whether a text holds a secret: as it is, as a URL has it, or in what Basic makes of a password. */
export function reveals(text: string, { value }: Secret): boolean {
  if (text.includes(value) || text.includes(encodeURIComponent(value))) return true;
  const encoded = text.matchAll(/\bBasic ([A-Za-z0-9+/=]+)/gi);
  return [...encoded].some(([, pair = '']) => Buffer.from(pair, 'base64').toString().includes(value));
}
