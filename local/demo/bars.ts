import type { Progress } from '../../terminal/progress';
import type { RunningRegistry } from '../registry';

/** An image on its way: what its bar is made of. */
export interface Expected {
  readonly registry: RunningRegistry;
  readonly repository: string;
  /** What the bar is called. */
  readonly name: string;
  /** Bytes of the whole image. */
  readonly bytes: number;
}

const INTERVAL = 80;

/**
 * Feeds bars from what destinations receive: the workers are processes of their own.
 *
 * @returns what ends the bars
 */
export function watchUploads(progress: Progress, expected: readonly Expected[]): () => void {
  const followed = expected.map((one) => ({
    ...one,
    from: one.registry.requests.length,
    moved: 0,
    started: false,
    ended: false,
  }));
  progress.expect(expected.length);
  const tell = (name: string, step: 'found' | 'moved' | 'ended', bytes: number) =>
    progress.observer.copy?.({ source: '', destination: name, step, bytes });
  const end = (one: (typeof followed)[number]) => {
    tell(one.name, 'ended', 0);
    one.ended = true;
  };
  const look = () => {
    for (const one of followed.filter(({ ended }) => !ended)) {
      const received = one.registry.requests
        .slice(one.from)
        .filter(({ repository, method }) => repository === one.repository && method === 'PUT')
        .reduce((sum, request) => sum + request.received, 0);
      if (received === one.moved) continue;
      if (!one.started) tell(one.name, 'found', one.bytes);
      tell(one.name, 'moved', received - one.moved);
      Object.assign(one, { moved: received, started: true });
      if (received >= one.bytes) end(one);
    }
  };
  const timer = setInterval(look, INTERVAL);
  return () => {
    clearInterval(timer);
    look();
    for (const one of followed) if (one.started && !one.ended) end(one);
  };
}
