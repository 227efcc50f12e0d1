import { createHash } from 'node:crypto';
import { count, formatAge } from '../../terminal/format';
import type { Statuses } from '../statuses';
import { bars } from './bars';
import { html, type Markup, verbatim } from './markup';
import { SCRIPT } from './script';
import { STYLE } from './style';
import { copiesTable, runsTable, troubles } from './tables';

export interface PageOptions {
  /** What is reported on: a stack, or a file. */
  readonly subject: string;
  readonly version: string;
}

/**
 * A mirror as one HTML file that asks nobody for anything: its policy lets its own style and script run, and nothing else. All that
 * comes from tables is text. It can be read without scripts, which add search and sorting.
 */
export function page(statuses: Statuses, { subject, version }: PageOptions): string {
  const { copies, now, controller } = statuses;
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(STYLE)}'`,
    `script-src '${hashOf(SCRIPT)}'`,
    // The empty icon, so that none is asked for.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const sent = bars(copies);
  const title = `Mirror report: ${subject}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${verbatim(STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="soft">as of ${instant(now)} (UTC), ${count(copies.length, 'copy', 'copies')}${lastRun(statuses)}</p>
</header>
<main>
${silence(controller.silentFor)}
${figures(statuses)}
${troubles(copies)}
${copiesTable(copies, now)}
${
  sent === undefined
    ? undefined
    : html`<section><h2>Sent, by repository</h2>${sent}
<p class="key">Bytes that the newest copy of each tag sent; what a repository had already is not sent again.</p></section>`
}
${runsTable(statuses.runs, now)}
</main>
<footer><p>Written by ecr-mirror ${version}. Times are UTC.</p></footer>
<script>${verbatim(SCRIPT)}</script>
</body>
</html>
`.markup;
}

/** As policies name what may run: CSP Level 3, section 2.3.1. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function lastRun({ controller: { lastRun: run }, now }: Statuses): string {
  return run === undefined ? '' : `, last run ${formatAge((now - run.started) / 1000)} ago`;
}

function silence(seconds: number | undefined): Markup | undefined {
  if (seconds === undefined) return undefined;
  return html`<section class="banner" role="alert"><h2>The controller is silent</h2>
<p>It has not run on schedule for ${formatAge(seconds)}: nothing here is looked at. Its log and its alarms say why.</p></section>`;
}

function figures({ copies, counts }: Statuses): Markup {
  const longest = Math.max(0, ...copies.map(({ staleFor, verdict }) => (verdict === 'idle' ? 0 : (staleFor ?? 0))));
  const names = ['failed', 'stale', 'waiting', 'fresh', 'idle'] as const;
  return html`<dl class="figures">${names.map(
    (name) => html`<div class="${name}"><dt>${name[0]?.toUpperCase()}${name.slice(1)}</dt>
<dd class="${counts[name] === 0 ? 'none' : 'count'}">${counts[name]}</dd></div>`,
  )}<div><dt>Longest behind</dt><dd class="${longest === 0 ? 'none' : ''}">${longest === 0 ? 'none' : formatAge(longest)}</dd></div></dl>`;
}

/** A minute, as people read it. */
export function instant(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}
