import { VERDICTS } from '../../lib/model/freshness';
import { ROW_ITEM } from '../../lib/model/names';
import type { RunFacts } from '../../lib/model/run-history';
import { formatAge, formatBytes, formatSeconds } from '../../terminal/format';
import { commonRegistry, reasonOf, stateOf } from '../status-voice';
import type { CopyStatus } from '../statuses';
import { html, type Markup } from './markup';
import { timeline, timelineKey } from './timeline';

/** What somebody should look at, first. */
export function troubles(copies: readonly CopyStatus[]): Markup {
  const wrong = copies.filter(({ verdict }) => verdict === 'failed' || verdict === 'stale');
  if (wrong.length === 0) {
    return html`<section><h2>Needs attention</h2><p class="fresh"><span class="state">Nothing</span></p></section>`;
  }
  return html`<section><h2>Needs attention</h2><ul class="troubles">${wrong.map(
    (
      copy,
    ) => html`<li class="${copy.verdict}"><p><span class="state">${stateOf(copy)}</span> <span class="name">${copy.source}</span></p>
${copy.destination === ROW_ITEM ? undefined : html`<p class="to">${copy.destination}</p>`}<p>${reasonOf(copy)}</p></li>
`,
  )}</ul></section>`;
}

/** Every copy, a row each. */
export function copiesTable(copies: readonly CopyStatus[], now: number): Markup {
  if (copies.length === 0) return html`<section><h2>Copies</h2><p class="soft">There are none yet.</p></section>`;
  const registry = commonRegistry(copies);
  return html`<section><h2>Copies</h2>${registry === '' ? undefined : html`<p class="soft where">Destinations are in <span class="name">${registry.slice(0, -1)}</span>.</p>`}
<div class="tools" hidden><input type="search" id="search" placeholder="Find by name, state or digest" aria-label="Find copies"> <span class="soft" id="found" role="status"></span></div>
<table id="copies"><thead><tr><th data-sort>State</th><th data-sort>Source and destination</th><th data-sort class="number">Mirrored</th><th data-sort class="number">Checked</th><th>Timeline</th><th data-sort class="number">Sent</th><th>Digest</th></tr></thead>
<tbody>${copies.map((copy) => copyRow(copy, registry, now))}</tbody></table>${timelineKey()}</section>`;
}

function copyRow(copy: CopyStatus, registry: string, now: number): Markup {
  const { verdict, source, destination, facts, checked } = copy;
  const digest = facts?.sourceDigest ?? facts?.digest;
  const short = digest?.replace(/^sha256:/, '').slice(0, 12);
  return html`<tr class="${verdict}"><td data-value="${VERDICTS.indexOf(verdict)}"><span class="state">${stateOf(copy)}</span></td>
<td><span class="name">${source}</span>${destination === ROW_ITEM ? undefined : html`<br><span class="to">${destination.slice(registry.length)}</span>`}</td>
${age('Mirrored', facts?.lastMirrored, now)}${age('Checked', checked, now)}<td>${timeline(copy, now)}</td>
<td class="number" data-label="Sent" data-value="${facts?.bytes ?? -1}">${facts?.bytes === undefined ? '–' : formatBytes(facts.bytes)}</td>
<td data-label="Digest">${digest === undefined ? '–' : html`<code title="${digest}">${short}</code>`}</td></tr>
`;
}

/** Long ago is more than never was. */
const NEVER = Number.MAX_SAFE_INTEGER;

function age(label: string, time: number | undefined, now: number): Markup {
  if (time === undefined) return html`<td class="number" data-label="${label}" data-value="${NEVER}">–</td>`;
  const seconds = Math.max(0, Math.round((now - time) / 1000));
  return html`<td class="number" data-label="${label}" data-value="${seconds}"><time datetime="${iso(time)}" title="${iso(time)}">${formatAge(seconds)} ago</time></td>`;
}

const MOST_RUNS = 20;

/** The newest runs of the controller; nothing where there is none. */
export function runsTable(runs: readonly RunFacts[], now: number): Markup | undefined {
  if (runs.length === 0) return undefined;
  return html`<section><h2>Newest runs</h2><table><thead><tr><th>Began</th><th>Trigger</th><th class="number">Rows</th><th class="number">Copies</th><th class="number">Took</th><th>Errors</th></tr></thead>
<tbody>${runs.slice(0, MOST_RUNS).map(
    ({
      started,
      finished,
      trigger,
      rows,
      copies,
      errors,
    }) => html`<tr><td data-label="Began"><time datetime="${iso(started)}" title="${iso(started)}">${formatAge((now - started) / 1000)} ago</time></td><td data-label="Trigger">${trigger}</td>
<td class="number" data-label="Rows">${rows}</td><td class="number" data-label="Copies">${copies}</td><td class="number" data-label="Took">${formatSeconds((finished - started) / 1000)}</td>
<td data-label="Errors" class="name">${errors.length === 0 ? '–' : errors.join(' · ')}</td></tr>
`,
  )}</tbody></table></section>`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
