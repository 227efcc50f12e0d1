import type { CopyPair } from '../aws/copy-key';
import { ecrLifecycle } from '../aws/ecr-lifecycle';
import { forgetRemovals, type Removed, recordRemoval, recordStop } from '../aws/removals';
import { formatReference } from '../lib/model/reference';
import { countRemoval, isSamePolicy, MOST_REMOVALS, refusalLine } from '../lib/model/removal';
import type { World } from './world';

/** What becomes of copies that were mirrored and are gone. */
export interface Removals {
  /** Undefined when it is to be put back; else why it is not. */
  answer(pair: CopyPair, removed: Removed): Promise<string | undefined>;
}

/** Asks for each repository's lifecycle policy once. */
export function removals(world: World): Removals {
  const lifecycle = ecrLifecycle(world.clients, world.settings.roles);

  async function putBackAfterAll(pair: CopyPair, { before, stopped }: Removed): Promise<string | undefined> {
    const policy = await lifecycle.policyOf(pair.destination.repository);
    if (before === undefined || isSamePolicy(before, policy)) return stopped;
    await forgetRemovals(world.copies, pair, world.clock.now());
    world.log('removals-forgotten', { destination: formatReference(pair.destination) });
    return undefined;
  }

  async function count(pair: CopyPair, { before }: Removed): Promise<string | undefined> {
    const destination = formatReference(pair.destination);
    if (await lifecycle.isArchived(pair.destination)) return undefined;
    const policy = await lifecycle.policyOf(pair.destination.repository);
    const counted = countRemoval(before, policy);
    const now = world.clock.now();
    if (counted.times < MOST_REMOVALS) {
      const isFirst = await recordRemoval(world.copies, pair, counted, now);
      if (isFirst) world.log('removed', { destination, times: counted.times });
      return undefined;
    }
    const tag = pair.destination.tag ?? '';
    const error = refusalLine(counted, { destination, tag, policy }, now);
    if (!(await recordStop(world.copies, pair, counted, error, now))) return error;
    world.log('removed', { destination, times: counted.times, error });
    await world.announce?.([{ ...pair, state: 'Conflict', error, code: 'IMAGE_REMOVED' }], '-');
    return error;
  }

  return { answer: (pair, removed) => (removed.stopped === undefined ? count : putBackAfterAll)(pair, removed) };
}
