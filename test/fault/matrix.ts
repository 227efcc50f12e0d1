import type { Side } from '../../engine/errors';
import { type Copier, type Ended, ours } from './copier';
import { endingsOf, type Fault } from './fault';
import { FAMILIES } from './faults';
import { endingOf, wrongs } from './judge';
import { knowNames } from './names';
import { formatPlace, type Place } from './target';
import { ALWAYS, formatWhen, ONCE, type When } from './when';
import { openWorld, type World } from './world';

/** One fault, at one place, striking in one way. */
export interface Case {
  readonly fault: Fault;
  readonly place: Place;
  readonly when: When;
}

export interface Result {
  readonly case: Case;
  /** For tables: see `endingOf`. */
  readonly ending: string;
  /** What is not as promised. */
  readonly wrongs: readonly string[];
  /** How often the fault struck. */
  readonly struck: number;
}

/** Milliseconds in which a case must end, however slow the machine is. */
export const WITHIN = 30_000;

/** The whole matrix. @param seeds of the random part */
export function cases(seeds: readonly number[]): Case[] {
  return FAMILIES.flatMap(({ faults }) => faults).flatMap((fault) =>
    fault.places.flatMap((place) => {
      const random = fault.random === false ? [] : seeds.map((seed): When => ({ kind: 'random', seed }));
      const once = fault.strike === undefined ? [] : [ONCE];
      return [...once, ALWAYS, ...random].map((when) => ({ fault, place, when }));
    }),
  );
}

export function formatCase({ fault, place, when }: Case): string {
  return `${fault.name}, ${formatPlace(place)}, ${formatWhen(when)}`;
}

export async function run(one: Case, copy: Copier = ours): Promise<Result> {
  const { fault, place, when } = one;
  const forget = knowNames();
  const world = await openWorld(fault, place, when);
  try {
    const ended = await within(WITHIN, copy(world));
    const { struck } = world.done;
    const idle = fault.strike !== undefined && when.kind !== 'random' && struck === 0 ? ['it never struck'] : [];
    if (ended === undefined) return { case: one, ending: 'does not end', wrongs: ['it does not end'], struck };
    const expected = endingsOf(fault, place.target, when.kind);
    const found = [...idle, ...(await wrongs(world, ended, place.side, expected))];
    if (ended.errors.length > 0 && struck > 0) found.push(...(await again(world, copy, place.side)));
    return { case: one, ending: endingOf(ended, world), wrongs: found, struck };
  } finally {
    await world.close();
    forget();
  }
}

/** What is wrong with a second copy, when the fault has gone: it has to bring what the first one did not. */
async function again(world: World, copy: Copier, side: Side): Promise<string[]> {
  world.lift();
  const ended = await within(WITHIN, copy(world));
  const found = ended === undefined ? ['it does not end'] : await wrongs(world, ended, side, ['exact']);
  return found.map((wrong) => `after the fault: ${wrong}`);
}

/** Undefined when it takes longer. */
async function within(milliseconds: number, work: Promise<Ended>): Promise<Ended | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs several at once; most of what the slow ones do is to wait. */
export async function runAll(all: readonly Case[], tell: (result: Result) => void = () => undefined) {
  const [slow, quick] = [true, false].map((is) => all.filter(({ fault }) => (fault.slow === true) === is));
  return [...(await runEach(slow ?? [], 12, tell)), ...(await runEach(quick ?? [], 4, tell))];
}

async function runEach(some: readonly Case[], atOnce: number, tell: (result: Result) => void): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = some.values();
  const worker = async () => {
    for (const one of waiting) {
      const result = await run(one);
      tell(result);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
