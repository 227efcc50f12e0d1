import type { ErrorCode } from '../error-code';
import { type ExitCode, exitCodeOf } from '../outcome';
import { COMMAND_ERRORS } from './command';
import { CONTENT_ERRORS } from './content';
import { DEPLOYED_ERRORS } from './deployed';
import type { ErrorEntry } from './entry';
import { JOB_ERRORS } from './jobs';
import { NETWORK_ERRORS } from './network';
import { REGISTRY_ERRORS } from './registry';
import { ROW_ERRORS } from './rows';

export type { ErrorEntry } from './entry';

/** The catalogue in its parts, as people look for it. */
export const ERROR_GROUPS: readonly {
  readonly title: string;
  readonly errors: Readonly<Record<string, ErrorEntry>>;
}[] = [
  { title: 'Registries', errors: REGISTRY_ERRORS },
  { title: 'The way there', errors: NETWORK_ERRORS },
  { title: 'Images', errors: CONTENT_ERRORS },
  { title: 'Rows and copies', errors: ROW_ERRORS },
  { title: 'AWS and the deployed mirror', errors: DEPLOYED_ERRORS },
  { title: 'Jobs', errors: JOB_ERRORS },
  { title: 'Commands and the construct', errors: COMMAND_ERRORS },
];

/** What there is to say about each code. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorEntry>> = {
  ...REGISTRY_ERRORS,
  ...NETWORK_ERRORS,
  ...CONTENT_ERRORS,
  ...ROW_ERRORS,
  ...DEPLOYED_ERRORS,
  ...JOB_ERRORS,
  ...COMMAND_ERRORS,
};

export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

/** A code as people write it: `auth-denied`, `Auth_Denied` and `[AUTH_DENIED]` are one. */
export function findErrorCode(text: string, codes: readonly string[] = ERROR_CODES): string | undefined {
  const plain = (code: string) => code.replaceAll('-', '_').toUpperCase();
  const asked = plain(text.trim().replace(/^\[|\]$/g, ''));
  return codes.find((code) => plain(code) === asked);
}

/** With what a command exits that fails for this alone. */
export function exitCodesOf({ asks }: ErrorEntry): readonly ExitCode[] {
  return [...new Set(asks.map(exitCodeOf))];
}

/** Whether it may go away by itself, in a sentence. */
export function retryOf({ asks }: ErrorEntry): string {
  const [first] = asks;
  if (first === undefined) return 'It is a finding and fails no command by itself.';
  if (first === 'unavailable') return 'It may go away by itself: the next run tries again.';
  if (first === 'stopped' || first === 'put-off') return 'Nothing failed: a later run goes on.';
  return 'It stays until somebody mends it; a deployed mirror looks again at each run.';
}
