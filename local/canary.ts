import { randomBytes } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';

/** Part of every secret that is made up here, and of nothing else. URLs, JSON and shells leave it as it is. */
const MARK = 'Xq7vCanaryK2mZ9w';

/** A secret that is known when it is seen, wherever that is: the same one for the same name. */
export function secretNamed(name: string): string {
  return MARK + name;
}

/** A secret that is known when it is seen, and that there is once. */
export function newSecret(): string {
  return MARK + randomBytes(18).toString('base64url');
}

/** What of a text is the same in base64 whatever stands before and after it, for each place where it may begin. */
function inBase64(text: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.from('\0'.repeat(before) + text).toString('base64');
    const whole = Math.floor(((before + text.length) * 8) / 6);
    return encoded.slice(Math.ceil((before * 8) / 6), whole);
  });
}

const ONCE = inBase64(MARK);
/** As it is, in hexadecimal, in base64 (`user:password`), and in base64 of that (a token of Amazon ECR in JSON in base64). */
const FORMS: readonly string[] = [MARK, Buffer.from(MARK).toString('hex'), ...ONCE, ...ONCE.flatMap(inBase64)];
const FORM = new RegExp(FORMS.join('|'));
/** Characters of the longest of them. */
const LONGEST = Math.max(...FORMS.map(({ length }) => length));

/** Whether a text holds a secret that was made up here, in whatever form. */
export function reveals(text: string): boolean {
  return FORMS.some((form) => text.includes(form));
}

/** Where a secret was seen that should not be there, and what was around it. */
export interface Leak {
  readonly place: string;
  /** Without the secret. */
  readonly around: string;
}

/** Tells whoever wants to know of leaks. */
export const leaks = channel('ecr-mirror:leak');
const AROUND = 60;

/** Looks for a secret in what is written or sent, and tells of the first one. */
export function inspect(place: string, text: string): void {
  const found = leaks.hasSubscribers && reveals(text) ? FORM.exec(text) : null;
  if (found === null) return;
  const rest = text.slice(found.index + found[0].length).replace(/^[\w+/=-]+/, '');
  const before = text.slice(Math.max(0, found.index - AROUND), found.index);
  const leak: Leak = { place, around: JSON.stringify(`${before}<secret>${rest.slice(0, AROUND)}`) };
  leaks.publish(leak);
}

/** Looks at a text that comes in pieces. */
export function inspecting(place: string): (piece: string | Uint8Array) => void {
  let last = '';
  return (piece) => {
    const text = last + (typeof piece === 'string' ? piece : Buffer.from(piece).toString('latin1'));
    inspect(place, text);
    // What was told of is not told of again with the next piece.
    last = reveals(text) ? '' : text.slice(1 - LONGEST);
  };
}
