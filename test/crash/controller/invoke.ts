import { makeHandlers } from '../../../lambda/handlers';
import type { Json } from '../../../local/template/value';
import { openLine, type Strike } from './line';
import { apart, type Place } from './place';
import type { Step } from './step';

/** How an invocation ended. Lambda tries again unless it is done. */
export type Ended = 'done' | 'failed' | 'killed';

export interface Invocation {
  readonly ended: Ended;
  /** Steps that were taken. */
  readonly steps: readonly Step[];
  readonly reply?: Json;
}

export interface InvocationOptions {
  readonly strike?: Strike;
  /** Seconds that its clock is ahead. @default 0 */
  readonly ahead?: number;
  /** Milliseconds that it is told to have left, call by call; then plenty. @default - plenty */
  readonly remaining?: readonly number[];
}

const PLENTY = 900_000;

/** Calls a controller: the real entry point, on a line and with a clock of its own. */
export async function invoke(place: Place, event: unknown, options: InvocationOptions = {}): Promise<Invocation> {
  const line = await openLine(place.peers, options.strike);
  const { handler } = makeHandlers({
    clients: line.clients,
    variables: place.variables(line.urls),
    clock: apart(place.clock, options.ahead ?? 0),
    write: (text) => place.lines.push(text),
  });
  const left = [...(options.remaining ?? [])];
  const living = handler(event, { getRemainingTimeInMillis: () => left.shift() ?? PLENTY }).then(
    (reply): Pick<Invocation, 'ended' | 'reply'> => ({ ended: 'done', reply: reply as Json }),
    (): Pick<Invocation, 'ended'> => ({ ended: 'failed' }),
  );
  const ended = await Promise.race([living, line.killed.then((killed) => ({ ended: killed }))]);
  await line.close();
  // What is left of one that was killed finds every door closed, and ends.
  await living;
  return { ...ended, steps: line.steps };
}

/** Seconds after which Lambda tries an event again that it took over (two times). */
const AGAIN = [60, 120];

/** An event as Lambda handles one that nobody waits for: tried again twice; what was handed on is handled the same way. */
export async function deliver(place: Place, event: unknown, options: InvocationOptions = {}): Promise<Invocation[]> {
  const lives: Invocation[] = [];
  const handed = place.handedOver.length;
  for (const pause of [0, ...AGAIN]) {
    place.clock.advance(pause);
    const life = await invoke(place, event, options);
    lives.push(life);
    if (life.ended === 'done') break;
  }
  // Whoever goes on has plenty of time, and hands on no further.
  for (const rest of place.handedOver.slice(handed)) {
    if (lives.length > MOST_LIVES) throw new Error('one event became more and more invocations');
    const { remaining: _, ...others } = options;
    lives.push(...(await deliver(place, rest, others)));
  }
  return lives;
}
const MOST_LIVES = 20;
