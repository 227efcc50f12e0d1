import { type Fenced, fenced } from '../aws/copy-key';
import { giveBack, RENEWAL, renew, start } from '../aws/leases';
import { givePutOffBack } from '../aws/put-off';
import { reason } from '../engine/errors';
import { mapWithin } from '../engine/gate';
import type { Copy, CopyDestination } from '../lib/model/copy';
import { formatReference, type Reference } from '../lib/model/reference';
import type { World } from './world';

const WRITES_AT_ONCE = 16;

/** The leases of this worker: taken over from the queue, renewed while it works, given back when it stops. */
export interface Leases {
  /** Copies with the destinations that are this worker's to do. */
  readonly copies: readonly Copy[];
  /** The lease of a destination. */
  of(source: Copy['source'], destination: Reference): Fenced | undefined;
  /** Whether it is still this worker's, asked right before a tag moves. */
  holds(copy: Copy, destination: CopyDestination): Promise<boolean>;
  /** The destination has been recorded. */
  ended(lease: Fenced): void;
  /** The copy is left for a later run: gives its lease back at once. Never rejects. */
  putOff(lease: Fenced, why: string): Promise<void>;
  /** Ends renewal and gives back what was not recorded. */
  close(): Promise<void>;
}

/** Starts the leases of copies. One that is another's by now, or was mirrored by an attempt before this, is left out. */
export async function startLeases(copies: readonly Copy[], world: World): Promise<Leases> {
  const held = new Map<string, Fenced>();
  const started = await mapWithin(WRITES_AT_ONCE, copies, async (copy) => {
    const destinations: CopyDestination[] = [];
    for (const destination of copy.destinations) {
      if (world.signal.aborted || !(await startOne(copy, destination, held, world))) continue;
      destinations.push(destination);
    }
    return { ...copy, destinations };
  });
  const renewing = renewAll(held, world);
  return {
    copies: started.filter(({ destinations }) => destinations.length > 0),
    of: (source, destination) => held.get(name(source, destination)),
    holds: (copy, destination) => {
      const lease = held.get(name(copy.source, destination.reference));
      return lease === undefined ? Promise.resolve(true) : renew(world.copies, lease, world.job, world.clock.now());
    },
    ended: (lease) => {
      held.delete(name(lease.source, lease.destination));
    },
    putOff: async (lease, why) => {
      held.delete(name(lease.source, lease.destination));
      await orLog(lease, world, () => givePutOffBack(world.copies, lease, why));
    },
    close: async () => {
      renewing.stop();
      await mapWithin(WRITES_AT_ONCE, [...held.values()], (lease) => returnOne(lease, world));
    },
  };
}

async function startOne(
  copy: Copy,
  destination: CopyDestination,
  held: Map<string, Fenced>,
  world: World,
): Promise<boolean> {
  const lease = fenced(copy, destination);
  if (lease === undefined) return true;
  const answer = await start(world.copies, lease, world.job, world.clock.now());
  if (answer === 'started') held.set(name(lease.source, lease.destination), lease);
  else world.log('left-alone', { ...named(lease), because: answer === 'lost' ? 'taken over' : `${answer} already` });
  return answer === 'started';
}

function renewAll(held: ReadonlyMap<string, Fenced>, world: World): { stop(): void } {
  const timer = setInterval(() => {
    void mapWithin(WRITES_AT_ONCE, [...held.values()], async (lease) => {
      try {
        await renew(world.copies, lease, world.job, world.clock.now());
      } catch (error) {
        // The lease lasts for several renewals.
        world.log('renewal-failed', { ...named(lease), error: reason(error) });
      }
    });
  }, world.renewal ?? RENEWAL);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function returnOne(lease: Fenced, world: World): Promise<void> {
  return orLog(lease, world, () => giveBack(world.copies, lease));
}

async function orLog(lease: Fenced, world: World, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    // It ends by itself, later.
    world.log('give-back-failed', { ...named(lease), error: reason(error) });
  }
}

function name(source: Reference, destination: Reference): string {
  return `${formatReference(source)} ${formatReference(destination)}`;
}

function named({ source, destination }: Fenced) {
  return { source: formatReference(source), destination: formatReference(destination) };
}
