import { findSupplies, spreadBySupplies, supplyFor } from '../engine/supplies';
import type { Copy, Plan, Skipped } from '../lib/model/copy';
import type { World } from './world';

/**
 * A plan without what its sources would refuse to let be pulled now; that is among what is skipped.
 *
 * @param waitingSince when a row, by its key, was first put off: it comes before others
 */
export async function putOff(
  { copies, skipped }: Plan,
  { pulls, clock }: Pick<World, 'pulls' | 'clock'>,
  waitingSince: (row: string) => number | undefined,
): Promise<Plan> {
  const supplies = await findSupplies(copies, pulls, clock);
  if (supplies.size === 0) return { copies, skipped };
  const since = ({ mirrors }: Copy) => Math.min(...mirrors.map((row) => waitingSince(row) ?? clock.now()));
  const { now, later } = spreadBySupplies(copies, supplies, since);
  const left = later.flatMap(({ copy }): Skipped[] => {
    const detail = supplyFor(copy, supplies)?.line ?? '';
    const { mirrors, source, destinations } = copy;
    return destinations.flatMap(({ reference }) =>
      mirrors.map((mirror) => ({ mirror, source, destination: reference, reason: 'put-off', detail })),
    );
  });
  return { copies: now, skipped: [...skipped, ...left] };
}
