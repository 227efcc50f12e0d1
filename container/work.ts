import { setMaxListeners } from 'node:events';
import { type Fenced, fenced } from '../aws/copy-key';
import type { Figures } from '../aws/metrics';
import { record } from '../aws/outcomes';
import { forgetLooked } from '../aws/put-off';
import { recordQuarantine } from '../aws/quarantine';
import { recordVerified, wasVerified } from '../aws/verified';
import { codeOf, failureOf, reason } from '../engine/errors';
import { runCopies } from '../engine/run-copies';
import type { Copy, CopyDestination } from '../lib/model/copy';
import { InvalidValue } from '../lib/model/invalid';
import type { Job } from '../lib/model/job';
import { ExitCode, exitCodeOf, type Outcome } from '../lib/model/outcome';
import { permits } from '../lib/model/permissions';
import { formatReference } from '../lib/model/reference';
import { readWork } from './copies';
import { type Ending, exitCodeFor } from './exit-code';
import { type Leases, startLeases } from './leases';
import type { World } from './world';

/** Does what a job asks for and says how to exit. Every copy ends as a state in the table and a line in the log. */
export async function work(job: Job, world: World): Promise<ExitCode> {
  // Every request under way listens to it.
  setMaxListeners(0, world.signal);
  const { copies, endings: left } = await readWork(job, world);
  const { allowed, refused } = await checkPermissions(copies, world);
  const leases = await startLeases(allowed, world);
  const endings: Ending[] = [...left, ...refused];
  const outcomes: Outcome[] = [];
  try {
    for await (const { copy, outcome } of runCopies(leases.copies, {
      stores: world.stores,
      clock: world.clock,
      signal: world.signal,
      observer: world.observer,
      mayTag: (copy, destination) => leases.holds(copy, destination),
      verifySignature: world.verifySignature,
      repair: world.settings.verification?.repair ?? true,
    })) {
      outcomes.push(outcome);
      if (outcome.cause === 'put-off') endings.push(await putOff(copy, outcome, leases, job, world));
      else endings.push(await settle(copy, outcome, leases, world));
    }
  } finally {
    await leases.close();
    world.metrics?.(figuresOf(outcomes, [...left, ...refused]));
  }
  return world.signal.aborted ? ExitCode.TRY_AGAIN : exitCodeFor(endings);
}

/** Of this job's own work: what another has taken over is that one's to count. */
function figuresOf(outcomes: readonly Outcome[], others: readonly Ending[]): Figures {
  const count = (state: Outcome['state']) =>
    outcomes.filter((one) => one.state === state && one.cause !== 'stopped' && one.cause !== 'put-off').length;
  return {
    Copied: count('Mirrored') - outcomes.filter(isProof).length,
    Failed: count('Failed') + others.filter((ending) => ending !== undefined).length,
    Conflicts: count('Conflict'),
    Quarantined: count('Quarantined'),
    Bytes: outcomes.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Of an image that was looked at and found whole. */
function isProof({ state, lacks }: Outcome): boolean {
  return state === 'Mirrored' && lacks?.length === 0;
}

/** A submitted job bypasses the table of mirrors and what guards it: so every copy is checked again. */
async function checkPermissions(
  copies: readonly Copy[],
  world: World,
): Promise<{ readonly allowed: readonly Copy[]; readonly refused: readonly Ending[] }> {
  const refused: Ending[] = [];
  const allowed: Copy[] = [];
  for (const copy of copies) {
    const destinations: CopyDestination[] = [];
    for (const destination of copy.destinations) {
      const refusal = permits(world.settings.permissions, copy.source.repository, destination.reference.repository);
      if (refusal === undefined) destinations.push(destination);
      else refused.push(await refuse(copy, destination, refusal, world));
    }
    if (destinations.length > 0) allowed.push({ ...copy, destinations });
  }
  return { allowed, refused };
}

async function refuse(copy: Copy, destination: CopyDestination, error: string, world: World): Promise<Ending> {
  const outcome: Outcome = {
    source: copy.source,
    destination: destination.reference,
    state: 'Failed',
    bytes: 0,
    seconds: 0,
    error,
    cause: 'denied',
    code: 'NOT_ALLOWED',
  };
  const lease = fenced(copy, destination);
  if (lease !== undefined) await record(world.copies, outcome, { ...lease, job: world.job }, world.clock.now());
  logOutcome(outcome, world);
  await world.announce?.([outcome], world.job);
  return 'denied';
}

/** Records how a destination ended; one that was stopped has not ended, and its lease is given back at the end. */
async function settle(copy: Copy, outcome: Outcome, leases: Leases, world: World): Promise<Ending> {
  logOutcome(outcome, world);
  const lease = leases.of(outcome.source, outcome.destination);
  if (outcome.cause === 'stopped') return world.signal.aborted ? 'stopped' : undefined;
  if (lease !== undefined) {
    const recorded = await recordEnd(copy, outcome, lease, world);
    leases.ended(lease);
    if (!recorded) world.log('taken-over', { destination: formatReference(outcome.destination) });
  }
  // That nothing was lacking is no news.
  if (!isProof(outcome)) await world.announce?.([outcome], world.job);
  if (outcome.state === 'Conflict') return 'conflict';
  return outcome.state === 'Quarantined' ? 'quarantined' : outcome.cause;
}

function recordEnd({ requireSignature }: Copy, outcome: Outcome, lease: Fenced, world: World): Promise<boolean> {
  const how = { ...lease, job: world.job };
  const now = world.clock.now();
  if (wasVerified(outcome)) return recordVerified(world.copies, outcome, how, now);
  return outcome.state === 'Quarantined' && requireSignature !== undefined
    ? recordQuarantine(world.copies, outcome, requireSignature, how, now)
    : record(world.copies, outcome, how, now);
}

/** The source lets nothing more be pulled: the next run has the copy again. A job by hand has no next run but its own. */
async function putOff(copy: Copy, outcome: Outcome, leases: Leases, job: Job, world: World): Promise<Ending> {
  const { source, destination, error = 'no pulls are left' } = outcome;
  world.log('put-off', { source: formatReference(source), destination: formatReference(destination), because: error });
  const lease = leases.of(source, destination);
  if (lease !== undefined) await leases.putOff(lease, error);
  for (const row of copy.mirrors) await forgetLooked(world.copies, row);
  return job.kind === 'plan' ? undefined : 'put-off';
}

function logOutcome(outcome: Outcome, world: World): void {
  const { source, destination, state, bytes, seconds, error, code, tag, kept, lacks } = outcome;
  world.log('copy', {
    source: formatReference(source),
    destination: formatReference(destination),
    state,
    bytes,
    seconds,
    ...(tag === undefined ? {} : { tag }),
    ...(kept === undefined ? {} : { kept }),
    ...(lacks === undefined ? {} : { lacks }),
    ...(error === undefined ? {} : { error, code }),
  });
}

/** The exit code for what was thrown before or beside the copies, and a line that says so. */
export function exitCodeForError(error: unknown, world: Pick<World, 'log'>): ExitCode {
  world.log('error', { error: reason(error), code: codeOf(error) });
  return error instanceof InvalidValue ? ExitCode.USAGE : exitCodeOf(failureOf(error));
}
