import type { Side } from '../../engine/errors';
import type { Credentials } from '../../engine/ports';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import type { Fault } from './fault';
import type { Secret } from './secrets';
import type { Place } from './target';

const USERS: Readonly<Record<Side, string>> = { source: 'puller', destination: 'pusher' };

/** A registry that lets in one user; the one at fault has its own settings. */
export function startSide(side: Side, { registry }: Fault, place: Place, { value: password }: Secret) {
  return startRegistry({
    auth: { kind: 'bearer', users: [{ username: USERS[side], password }] },
    ...(side === place.side ? registry : {}),
  });
}

export function bucketHost({ bucketHost: host }: RunningRegistry): string[] {
  return host === undefined ? [] : [host];
}

/** What somebody logs in with at a side. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** One login for each side. Amazon ECR takes a token of its own instead of a password. */
export function loginsOf(
  { destination }: Readonly<Record<Side, RunningRegistry>>,
  passwords: Readonly<Record<Side, Secret>>,
  secrets: Secret[],
): Readonly<Record<Side, Login>> {
  const ecr = destination.ecr?.authorizationToken().token;
  const [, token] = ecr === undefined ? [] : Buffer.from(ecr, 'base64').toString().split(':');
  if (token !== undefined) secrets.push({ what: 'ECR token', value: token, host: 'destination' });
  const own = (side: Side) => ({ username: USERS[side], password: passwords[side].value });
  const pusher = token === undefined ? own('destination') : { username: 'AWS', password: token };
  return { source: own('source'), destination: pusher };
}

/** Each login is good in one direction. */
export function credentialsOf(logins: Readonly<Record<Side, Login>>): Credentials {
  return {
    async get({ registry }, access) {
      const side = registry === 'source.test' ? 'source' : 'destination';
      if (access !== (side === 'source' ? 'pull' : 'push')) return undefined;
      return { kind: 'basic', ...logins[side] };
    },
  };
}
