import type { IncomingMessage } from 'node:http';
import { inspect, reveals } from '../canary';
import type { Guard } from './auth';

/**
 * Tells of a secret that somebody brings to a registry for which it was not made: a password or token of another one, or a
 * good one in a place where no credential belongs.
 */
export function inspectRequest(
  { method, url, rawHeaders, headers }: IncomingMessage,
  { owns }: Pick<Guard, 'owns'>,
): void {
  const { authorization } = headers;
  const good = authorization !== undefined && reveals(authorization) && isOwned(owns, authorization);
  const text = [method, url, ...rawHeaders.filter((header) => !good || header !== authorization)].join(' ');
  inspect('a request to a registry that it was not made for', text);
}

/** The same for a form with a credential (`oauth.md` of the distribution project). */
export function inspectForm(form: URLSearchParams, { owns }: Pick<Guard, 'owns'>): void {
  if (isOwned(owns, form)) return;
  inspect('a form for a registry that it was not made for', form.toString());
}

/** What does not let in its bearer for another reason was made for this registry all the same. */
function isOwned(owns: Guard['owns'], brought: string | URLSearchParams): boolean {
  try {
    return owns(brought);
  } catch {
    return true;
  }
}
