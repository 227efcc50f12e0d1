import { formatBytes } from '../../terminal/format';
import { commonRegistry } from '../status-voice';
import type { CopyStatus } from '../statuses';
import { html, type Markup } from './markup';

/** More are summed up in one. */
const MOST_BARS = 20;

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
  const registry = commonRegistry(copies);
  const shown = (repository: string) =>
    repository.startsWith(registry) ? repository.slice(registry.length) : repository;
  const most = Math.max(0, ...sums.map(([, bytes]) => bytes));
  if (most === 0) return undefined;
  return html`<ul class="bars">${sums.map(
    ([repository, bytes]) => html`<li><span class="name">${shown(repository)}</span>
<svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${Math.max(3, Math.round((bytes / most) * 1000))}" height="10"/></svg>
<span class="number soft" title="${bytes} bytes">${formatBytes(bytes)}</span></li>
`,
  )}</ul>`;
}
