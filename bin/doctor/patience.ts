import type { FlagValues } from '../arguments';
import type { Settings } from '../settings';

/** Tries of one request, milliseconds without a byte, and of a delay at most. */
const ATTEMPTS = 2;
const IDLE_TIMEOUT = 10_000;
const MAX_DELAY = 2_000;

export type PatientSettings = Settings & Required<Pick<Settings, 'idleTimeout'>>;

/** Whoever asks what is wrong waits for the answer: registries and AWS are given less time than for copying, unless flags say otherwise. */
export function patient(flags: FlagValues, settings: Settings): PatientSettings {
  const { retry } = settings;
  const attempts = flags.attempts === undefined ? ATTEMPTS : retry.attempts;
  const maxDelay = flags['max-retry-delay'] === undefined ? MAX_DELAY : retry.maxDelay;
  return { ...settings, retry: { ...retry, attempts, maxDelay }, idleTimeout: settings.idleTimeout ?? IDLE_TIMEOUT };
}
