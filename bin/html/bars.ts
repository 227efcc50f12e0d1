import { formatBytes, shorten } from '../../terminal/format';
import type { CopyStatus } from '../statuses';
import { html, type Markup } from './markup';

/** More are summed up in one. */
const MOST_BARS = 20;
const WIDTH = 900;
const STEP = 46;
const VALUE = 90;
/** Characters of a name that are shown. */
const LONGEST_NAME = 90;

/** Bytes that the newest copies sent to each repository, the largest first. */
export function bytesByRepository(
  copies: readonly CopyStatus[],
): readonly (readonly [repository: string, bytes: number])[] {
  const sums = new Map<string, number>();
  for (const { destination, facts } of copies) {
    if (facts?.bytes === undefined) continue;
    const repository = destination.replace(/(?<=\/[^/]*)[:@][^/]*$/, '');
    sums.set(repository, (sums.get(repository) ?? 0) + facts.bytes);
  }
  const sorted = [...sums].sort(([, one], [, other]) => other - one);
  const rest = sorted.slice(MOST_BARS);
  const sum = rest.reduce((all, [, bytes]) => all + bytes, 0);
  return rest.length === 0 ? sorted : [...sorted.slice(0, MOST_BARS), [`${rest.length} others`, sum]];
}

/** A bar for each repository; undefined where nothing is known to have been sent. */
export function bars(copies: readonly CopyStatus[]): Markup | undefined {
  const sums = bytesByRepository(copies);
  const most = Math.max(0, ...sums.map(([, bytes]) => bytes));
  if (most === 0) return undefined;
  const height = sums.length * STEP;
  return html`<svg class="bars" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Bytes sent to each repository">${sums.map(
    (
      [repository, bytes],
      at,
    ) => html`<g transform="translate(0 ${at * STEP})"><title>${repository}: ${bytes} bytes</title>
<text y="16">${shorten(repository, LONGEST_NAME)}</text><rect y="23" width="${Math.max(2, Math.round((bytes / most) * (WIDTH - VALUE)))}" height="12" rx="3"/>
<text class="value" x="${Math.max(2, Math.round((bytes / most) * (WIDTH - VALUE))) + 8}" y="34">${formatBytes(bytes)}</text></g>`,
  )}</svg>`;
}
