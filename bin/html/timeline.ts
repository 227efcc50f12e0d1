import type { CopyStatus } from '../statuses';
import { html, type Markup } from './markup';

/** Pixels of the drawing; the page scales it. */
const WIDTH = 190;
const HEIGHT = 20;
const EDGE = 6;
/** What the left edge stands for, in seconds: a year. */
const LONGEST = 365 * 86_400;
/** Below a minute all is now. */
const SHORTEST = 60;
/** Ages that have a line, in seconds. */
const TICKS = [3600, 86_400, 7 * 86_400, 30 * 86_400];

/** Where an age is on the line: now at the right, a year ago at the left, each step to the left ever longer. */
export function placeOf(seconds: number): number {
  const age = Math.min(LONGEST, Math.max(SHORTEST, seconds));
  const share = Math.log(age / SHORTEST) / Math.log(LONGEST / SHORTEST);
  return Math.round((WIDTH - EDGE - share * (WIDTH - 2 * EDGE)) * 10) / 10;
}

/** When a copy was mirrored and checked, and for how long it has not been what its source is. */
export function timeline({ facts, checked, staleFor, verdict }: CopyStatus, now: number): Markup {
  const at = (time: number) => placeOf((now - time) / 1000);
  const middle = HEIGHT / 2;
  const behind = staleFor === undefined || verdict === 'idle' ? undefined : placeOf(staleFor);
  return html`<svg class="timeline" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="xMinYMid" aria-hidden="true">${[
    html`<path class="axis" d="M${EDGE} ${middle}H${WIDTH - EDGE}${TICKS.map((age) => `M${placeOf(age)} 5V15`).join('')}"/>`,
    behind === undefined
      ? undefined
      : html`<rect class="behind" x="${behind}" y="7" width="${Math.max(2, WIDTH - EDGE - behind)}" height="6" rx="2"/>`,
    facts?.lastMirrored === undefined
      ? undefined
      : html`<circle class="mirrored" cx="${at(facts.lastMirrored)}" cy="${middle}" r="4.5"/>`,
    checked === undefined ? undefined : html`<path class="checked" d="M${at(checked)} 3V17"/>`,
  ]}</svg>`;
}

/** What the marks of {@link timeline} mean. */
export function timelineKey(): Markup {
  return html`<p class="key"><span>Timeline, a year ago to now, lines at a month, a week, a day and an hour:</span>
<span><svg viewBox="0 0 14 14" aria-hidden="true"><circle class="mirrored" cx="7" cy="7" r="4.5"/></svg>mirrored</span>
<span><svg viewBox="0 0 14 14" aria-hidden="true"><path class="checked" d="M7 1V13"/></svg>checked</span>
<span class="stale"><svg viewBox="0 0 14 14" aria-hidden="true"><rect class="behind" x="0" y="4" width="14" height="6" rx="2"/></svg>not what its source is</span></p>`;
}
