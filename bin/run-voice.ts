import type { Returned } from '../aws/invoke-and-wait';
import { printable } from '../lib/model/invalid';
import type { Price, PullPrice } from '../lib/model/price';
import { count } from '../terminal/format';
import { paintFor } from '../terminal/output';
import { priceLines } from '../terminal/price';
import type { Io } from './io';
import { tellJsonLine } from './json-line';
import type { Settings } from './settings';

/** What the controller said, as far as it is told. */
export type ControllerReply =
  | { readonly kind: 'failed'; readonly error: string; readonly errors: readonly string[] }
  | { readonly kind: 'planned'; readonly plan: DryRunReply; readonly errors: readonly string[] }
  | { readonly kind: 'ran'; readonly run: string; readonly reply: RunReply; readonly errors: readonly string[] };

interface Note {
  readonly mirror?: string;
  readonly source?: string;
  readonly destination?: string;
  readonly reason?: string;
  readonly code?: string;
  readonly detail?: string;
}

interface DryRunReply {
  readonly copies: readonly {
    readonly source: string;
    readonly digest: string;
    readonly destinations: readonly { readonly to: string; readonly why: string }[];
  }[];
  readonly skipped: readonly Note[];
  readonly pulls?: readonly PullPrice[];
  readonly left: number;
}

interface RunReply {
  readonly run: string;
  readonly trigger: string;
  readonly rows: number;
  readonly copies: number;
  readonly jobs: readonly string[];
  readonly skipped: Readonly<Record<string, number>>;
  readonly notes: readonly Note[];
  readonly errors: readonly string[];
  readonly continued: boolean;
}

/** Takes what the controller returned apart; another version of it may say less. */
export function readReply(returned: Returned): ControllerReply {
  if ('error' in returned) return { kind: 'failed', error: returned.error, errors: [] };
  const result = (returned.result ?? {}) as Partial<RunReply> & Partial<DryRunReply> & { readonly dryRun?: boolean };
  if (result.dryRun === true) {
    const { copies, skipped, pulls = [], left } = result as DryRunReply;
    return { kind: 'planned', plan: { copies, skipped, pulls, left }, errors: [] };
  }
  if (typeof result.run !== 'string') return { kind: 'failed', error: 'got no reply of a controller', errors: [] };
  const { run, trigger, rows, copies, jobs, skipped, notes, errors, continued } = result as RunReply;
  const reply = { run, trigger, rows, copies, jobs, skipped, notes, errors, continued };
  return { kind: 'ran', run, reply, errors };
}

export function tellReply(reply: ControllerReply, settings: Pick<Settings, 'json' | 'quiet'>, io: Io): void {
  if (settings.json) tellJson(reply, io);
  else tellLines(reply, settings.quiet, io);
}

function tellJson(reply: ControllerReply, io: Pick<Io, 'stdout'>): void {
  const tell = (event: string, fields: object) => tellJsonLine(io, event, fields);
  if (reply.kind === 'failed') tell('error', { error: reply.error, code: 'CONTROLLER_FAILED' });
  if (reply.kind === 'ran') tell('run', reply.reply);
  if (reply.kind !== 'planned') return;
  for (const { source, digest, destinations } of reply.plan.copies) {
    for (const { to: destination, why } of destinations) tell('copy', { source, destination, digest, why });
  }
  for (const note of reply.plan.skipped) tell('skipped', note);
  if ((reply.plan.pulls ?? []).length > 0) tell('price', priceOf(reply.plan));
}

/** As far as the controller knows. */
function priceOf({ pulls = [] }: DryRunReply): Price {
  return { bytes: [], pulls, create: [], quotas: [], unknown: [] };
}

const LABEL = 9;

function tellLines(reply: ControllerReply, quiet: boolean, io: Io): void {
  const paint = paintFor(io.stdout, io.env);
  const alarm = paintFor(io.stderr, io.env);
  const line = (word: string, painted: string, text: string) =>
    `${painted}${' '.repeat(Math.max(1, LABEL - word.length))}${printable(text)}\n`;
  const say = (word: keyof typeof colours, text: string) => {
    if (!quiet) io.stdout.write(line(word, colours[word](word), text));
  };
  const colours = { pulls: paint.yellow, copy: paint.green, skipped: paint.dim, run: paint.bold, job: paint.dim };
  const failed = (text: string) => io.stderr.write(line('failed', alarm.red('failed'), text));
  if (reply.kind === 'failed') failed(`controller: ${reply.error} [CONTROLLER_FAILED]`);
  if (reply.kind === 'planned') {
    for (const note of reply.plan.skipped.filter(({ reason }) => reason !== 'up-to-date'))
      say('skipped', noteText(note));
    for (const { source, destinations } of reply.plan.copies) {
      for (const { to, why } of destinations) say('copy', `${source.replace(/@.*/, '')} -> ${to} (${why})`);
    }
    for (const { word, text } of priceLines(priceOf(reply.plan))) if (word === 'pulls') say(word, text);
    const planned = reply.plan.copies.reduce((sum, { destinations }) => sum + destinations.length, 0);
    const same = reply.plan.skipped.filter(({ reason }) => reason === 'up-to-date').length;
    say(
      'run',
      `${planned} to copy, ${same} up to date, ${reply.plan.skipped.length - same} skipped${leftText(reply.plan.left)}`,
    );
  }
  if (reply.kind !== 'ran') return;
  for (const note of reply.reply.notes) say('skipped', noteText(note));
  for (const error of reply.errors) failed(error);
  say('run', ranText(reply.reply));
  for (const job of reply.reply.jobs) say('job', job);
}

function noteText({ mirror, source, destination, reason, detail }: Note): string {
  const why = (reason ?? '').replaceAll('-', ' ');
  return `${destination ?? source ?? mirror}: ${why}${detail === undefined ? '' : `: ${detail}`}`;
}

function leftText(left: number): string {
  return left === 0 ? '' : `; ${left} more are not shown`;
}

function ranText({ run, rows, copies, jobs, skipped, continued }: RunReply): string {
  const same = skipped['up-to-date'] ?? 0;
  const others = Object.entries(skipped).filter(([reason]) => reason !== 'up-to-date');
  const left = others.map(([reason, number]) => `, ${number} ${reason.replaceAll('-', ' ')}`).join('');
  const more = continued ? '; it goes on in another invocation' : '';
  return `${run}: ${count(rows, 'row')}, ${count(copies, 'copy', 'copies')} in ${count(jobs.length, 'job')}, ${same} up to date${left}${more}`;
}
