import type { ErrorCode } from '../lib/model/error-code';
import { printable } from '../lib/model/invalid';
import type { Figures } from './figures';
import { count, formatBytes, formatSeconds, wrap } from './format';

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
  /** What it is called. */
  readonly code?: ErrorCode;
}

/** The closing lines of a run, at most 80 columns wide. */
export function summaryLines(tally: Tally, figures: Figures, seconds: number): string[] {
  const counts = `${tally.copied} copied, ${tally.upToDate} up to date, ${tally.skipped} skipped, ${tally.failed} failed`;
  const moved = `${formatBytes(figures.sent)} sent, ${formatBytes(figures.received)} received, ${formatBytes(figures.saved)} saved`;
  return [counts, `${moved}, ${count(figures.requests, 'request')}, ${formatSeconds(seconds)}`];
}

/** A plan: what would happen to how many images at destinations. `size` is zero where sizes were not asked for. */
export interface PlanTally {
  readonly planned: number;
  readonly size: { readonly bytes: number; readonly pulls: number };
  readonly upToDate: number;
  readonly skipped: number;
  readonly failed: number;
}

/** The closing lines of a plan. Content that images share, or that a destination has, moves once or not at all. */
export function planLines(tally: PlanTally, figures: Figures, seconds: number): string[] {
  const { planned, size, upToDate, skipped, failed } = tally;
  const most =
    size.pulls === 0 ? '' : `, at most ${formatBytes(size.bytes)} and ${count(size.pulls, 'pull')} from sources`;
  return [
    `${planned} to copy${most}`,
    `${upToDate} up to date, ${skipped} skipped, ${failed} failed`,
    `${count(figures.requests, 'request')}, ${formatSeconds(seconds)}`,
  ];
}

/** A code behind the line that it is about. */
export function bracketed(code: string | undefined): string {
  return code === undefined ? '' : ` [${printable(code)}]`;
}

/** What failed, each with its error below it. Nothing is shortened: it says what to do. */
export function failureLines(failures: readonly Failure[], columns = 80): string[] {
  return failures.flatMap(({ what, error, code }) => [
    printable(what),
    ...wrap(`  ${printable(error)}${bracketed(code)}`, columns, '  '),
  ]);
}
