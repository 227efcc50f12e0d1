import { printable } from '../lib/model/invalid';
import type { Figures } from './figures';
import { formatBytes, formatSeconds, shorten } from './format';

/** How a run ended, in numbers of images at destinations. */
export interface Tally {
  readonly copied: number;
  readonly upToDate: number;
  readonly skipped: number;
  readonly failed: number;
}

export interface Failure {
  /** The destination, or the row's key when it concerns the row. */
  readonly what: string;
  /** One line. */
  readonly error: string;
}

/** The closing lines of a run, at most 80 columns wide. */
export function summaryLines(tally: Tally, figures: Figures, seconds: number): string[] {
  const counts = `${tally.copied} copied, ${tally.upToDate} up to date, ${tally.skipped} skipped, ${tally.failed} failed`;
  const moved = `${formatBytes(figures.sent)} sent, ${formatBytes(figures.received)} received, ${formatBytes(figures.saved)} saved`;
  return [counts, `${moved}, ${figures.requests} requests, ${formatSeconds(seconds)}`];
}

/** What failed, each with its error below it. Errors are not shortened: they say what to do. */
export function failureLines(failures: readonly Failure[], columns = 80): string[] {
  return failures.flatMap(({ what, error }) => [shorten(printable(what), columns), `  ${printable(error)}`]);
}
