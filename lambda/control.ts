import { randomBytes } from 'node:crypto';
import type { Continuation, EcrPush, Trigger } from '../aws/events';
import { InvalidValue } from '../lib/model/invalid';
import type { PushedImage } from '../lib/model/webhook';
import { type DryRun, dryRun } from './dry-run';
import { type JobReply, jobEnded, queueBlocked } from './job-events';
import { mirrorRows } from './mirror-rows';
import type { Reply } from './reply';
import { rowsConcerned, rowsOfPushes, surveyFor, surveyRows } from './survey';
import type { World } from './world';

/** Rows that one request may name: the rest is for the schedule. */
const MOST_SOURCES = 10_000;
/** Destinations that one run verifies: a worker asks for some hundred blobs a second. */
const MOST_VERIFIED = 10_000;

/** Does what a trigger asks for. */
export async function control(
  trigger: Trigger,
  world: World,
): Promise<Reply | DryRun | JobReply | { readonly ignored: string }> {
  switch (trigger.kind) {
    case 'ignored':
      return { ignored: trigger.because };
    case 'job-ended':
      return jobEnded(trigger.job, world);
    case 'queue-blocked':
      return queueBlocked(trigger.job, world);
    case 'dry-run':
      return dryRun(trigger.sources, world);
    case 'push':
      return onPush(trigger.push, world);
    case 'webhooks':
      return onWebhooks(trigger.pushes, world);
    case 'rows':
      return onRows(trigger, world);
    case 'schedule':
      return goOn({ run: newRun(world), hops: 0, onSchedule: true }, 'schedule', world);
    case 'verify':
      return goOn({ ...verifying(world), ...(trigger.sources && { sources: trigger.sources }) }, 'verification', world);
    case 'continuation':
      return goOn(trigger.continuation, 'continuation', world);
  }
}

/** Each row, whatever its own schedule. */
function verifying(world: World): Continuation {
  const verify = world.settings.verification?.atMost ?? MOST_VERIFIED;
  return { run: newRun(world), hops: 0, onSchedule: false, verify };
}

/** All rows, or what an invocation before this one left of them. */
async function goOn(continuation: Continuation, trigger: string, world: World): Promise<Reply> {
  const { cursor, sources, ...rest } = continuation;
  const overview = sources === undefined ? await surveyRows(world, {}) : await surveyFor(sources, world);
  const from = sources === undefined ? (cursor === undefined ? {} : { cursor }) : { sources };
  return mirrorRows({ ...rest, trigger, from, overview }, world);
}

/** A push is a hint: its rows are looked at as they are now, and each row's own schedule stands. */
async function onPush(push: EcrPush, world: World): Promise<Reply | { readonly ignored: string }> {
  const sources = await rowsConcerned(push, world);
  if (sources.length === 0) return { ignored: `no row mirrors ${push.repository}:${push.tag}` };
  const errand = { run: newRun(world), trigger: 'push', hops: 0, onSchedule: true };
  return mirrorRows({ ...errand, from: { sources }, overview: await surveyFor(sources, world) }, world);
}

/** Whoever sends them wants no schedule. Many pushes of one image are one look at its rows. */
async function onWebhooks(pushes: readonly PushedImage[], world: World): Promise<Reply | { readonly ignored: string }> {
  const sources = await rowsOfPushes(pushes, world);
  if (sources.length === 0) return { ignored: `no row mirrors what ${pushes.length} webhooks are about` };
  const errand = { run: newRun(world), trigger: 'webhook', hops: 0, onSchedule: false };
  return mirrorRows({ ...errand, from: { sources }, overview: await surveyFor(sources, world) }, world);
}

async function onRows(trigger: Extract<Trigger, { kind: 'rows' }>, world: World): Promise<Reply> {
  const sources = [...trigger.sources, ...trigger.removed];
  if (sources.length > MOST_SOURCES) {
    throw new InvalidValue('event sources', sources, `at most ${MOST_SOURCES} at once would do`);
  }
  const overview = await surveyFor(sources, world, { consistent: trigger.changed });
  const errand = { run: newRun(world), trigger: trigger.changed ? 'changed rows' : 'request', hops: 0 };
  return mirrorRows({ ...errand, from: { sources }, overview, onSchedule: false }, { ...world, insists: true });
}

/** When it began, and enough chance that no two are alike: `20261120T231500Z-3f9a1c`. */
function newRun(world: World): string {
  const when = new Date(world.clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${when}-${randomBytes(3).toString('hex')}`;
}
