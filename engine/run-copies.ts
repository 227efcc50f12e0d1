import type { Copy } from '../lib/model/copy';
import type { Outcome } from '../lib/model/outcome';
import type { Stores } from './content';
import { type CopyOptions, copyImage } from './copy';
import type { Clock, Observer } from './ports';
import { Session } from './session';

/** What copying asks of the world. */
export interface CopyWorld extends CopyOptions {
  readonly stores: Stores;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly observer?: Observer;
  /** What planning has learned. @default - nothing yet */
  readonly session?: Session;
  /** @see SessionOptions. @default false */
  readonly thorough?: boolean;
  /** Images under way at once. @default 24 */
  readonly concurrency?: number;
}

/** So many wait for answers at once; what they hold and move is bounded by the session. */
const DEFAULT_IMAGES = 24;

/** Carries copies out and yields how each destination ended, as it ends. What one copy learned serves the next. */
export async function* runCopies(
  copies: readonly Copy[],
  world: CopyWorld,
): AsyncGenerator<{ readonly copy: Copy; readonly outcome: Outcome }> {
  const session = world.session ?? new Session(world);
  const waiting = [...copies];
  const running = new Map<number, Promise<{ id: number; copy: Copy; outcomes: readonly Outcome[] }>>();
  let started = 0;
  while (waiting.length + running.size > 0) {
    while (running.size < (world.concurrency ?? DEFAULT_IMAGES) && waiting.length > 0) {
      const copy = waiting.shift() as Copy;
      const id = started++;
      running.set(
        id,
        copyImage(copy, world.stores, session, world).then((outcomes) => ({ id, copy, outcomes })),
      );
    }
    const { id, copy, outcomes } = await Promise.race(running.values());
    running.delete(id);
    for (const outcome of outcomes) yield { copy, outcome };
  }
}
