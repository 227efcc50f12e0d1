import type { Result } from './worker-case';

const WAYS = ['SIGKILL', 'SIGTERM', 'out of memory', 'frozen'];
const HEAD = `| at the request | ${WAYS.join(' | ')} |\n|---|${WAYS.map(() => '---|').join('')}`;

/** How copies came to be done after a crash at each request: what is alike stands in one row. */
export function tableOf(requests: readonly string[], results: readonly Result[]): string {
  const rows = new Map<string, string[]>();
  for (const request of requests) {
    const cells = WAYS.map((way) =>
      cell(results.filter(({ case: one }) => one.way === way && one.moment.request === request)),
    );
    const row = cells.join(' | ');
    rows.set(row, [...(rows.get(row) ?? []), request]);
  }
  return [HEAD, ...[...rows].map(([row, names]) => `| ${names.join('; ')} | ${row} |`)].join('\n');
}

/** Alike before, during and after, or each by itself. */
function cell(results: readonly Result[]): string {
  const kinds = new Set(results.map(({ by }) => by));
  if (kinds.size === 1) return [...kinds].join();
  return results.map(({ case: { moment }, by }) => `${moment.phase}: ${by}`).join(', ');
}
