import { setMaxListeners } from 'node:events';
import { ecrDigests } from '../aws/ecr-images';
import { rememberedPartDigests } from '../aws/part-digests';
import { tableSightings } from '../aws/sightings';
import { makePlan } from '../engine/make-plan';
import { Resolver } from '../engine/resolve';
import type { Plan } from '../lib/model/copy';
import { isDue } from '../lib/model/every';
import type { Known } from './findings';
import { RESERVE } from './reserve';
import type { Lot } from './rows';
import type { Overview } from './survey';
import type { Verification } from './verification';
import type { World } from './world';

const LONGEST_TIMER = 2 ** 31 - 1;

/** Plans lots one after the other, with what the lots before have learned. */
export interface Planner {
  plan(lot: Pick<Lot, 'rows'>, known: Known): Promise<Plan>;
  /** Aborted when time is up: a plan that was made meanwhile is worth nothing. */
  readonly signal: AbortSignal;
}

/**
 * @param onSchedule whether the rows' own schedules (`Every`) count
 * @param lookOnly whether nothing is written down of what is seen
 * @param verification what of it is verified. @default - nothing
 */
export function makePlanner(
  { claims, isShared }: Overview,
  onSchedule: boolean,
  world: World,
  lookOnly = false,
  verification?: Verification,
): Planner {
  const signal = AbortSignal.timeout(Math.min(LONGEST_TIMER, Math.max(0, world.remaining() - RESERVE.planning)));
  // Every request under way listens to it.
  setMaxListeners(0, signal);
  const resolver = new Resolver(world.stores, signal);
  const sightings = tableSightings(world.copies, lookOnly);
  return {
    signal,
    plan: async ({ rows }, { rows: known, settled }) => {
      const plan = await makePlan(rows, {
        stores: world.stores,
        permissions: world.settings.permissions,
        clock: world.clock,
        claims,
        resolver,
        sightings,
        signal,
        // What ECR's own API knows of the destinations; others are asked by HEAD.
        destinationDigests: (references) => ecrDigests(world.clients, references, world.settings.roles),
        partDigests: rememberedPartDigests(world.copies, settled),
        ...verification,
        isDue: ({ key, every }) => !onSchedule || isDue(every, known.get(key)?.lastChecked, world.clock.now()),
      });
      resolver.forget(isShared);
      return plan;
    },
  };
}
