import { FAULTS } from './fault';
import { deliver, type Ended } from './invoke';
import { lacks, wrongs } from './judge';
import { type Aim, aimedAt } from './line';
import type { Step } from './step';
import { openScene, SCHEDULE, type Scene, STORIES, type Story } from './story';

/** One fault at one request of one story. */
export interface Case extends Aim {
  readonly story: Story;
}

/** When the images were there and the table said so. A run is an hour after the one before it. */
export const HEALED = ['at once', 'in minutes', 'by the next run', 'after two hours', 'never'] as const;
export type Healed = (typeof HEALED)[number];

export interface Result {
  readonly case: Case;
  /** How the first invocation ended that did not do what it should; done, when all did. */
  readonly ended: Ended;
  readonly healed: Healed;
  /** What is not as promised. */
  readonly wrongs: readonly string[];
}

/** A request of a story: its step, and its turn among the requests of that step. */
interface Turn extends Step {
  readonly nth: number;
}

/** Every request of a story. @throws Error when it does not even go well without a fault */
async function turnsOf(story: Story): Promise<readonly Turn[]> {
  const scene = await prepared(story);
  try {
    const lives = await deliver(scene.place, story.event(scene), { remaining: story.remaining ?? [] });
    if (lives.some(({ ended }) => ended !== 'done')) throw new Error(`${story.name}: it goes wrong without any fault`);
    const passed = new Map<string, number>();
    return lives.flatMap(({ steps }) =>
      steps.map((step) => {
        const nth = passed.get(step.name) ?? 0;
        passed.set(step.name, nth + 1);
        return { ...step, nth };
      }),
    );
  } finally {
    await scene.place.close();
  }
}

/**
 * The whole matrix. A controller is killed before and after each request of each story that takes effect, and before the first
 * request of each step that only asks; another fault befalls the first request of a step, or from there on all. What the
 * requests of a step have in common whatever the story is told in the first.
 */
export async function allCases(): Promise<Case[]> {
  const cases: Case[] = [];
  const told = new Set<string>();
  for (const story of STORIES) {
    const turns = await turnsOf(story);
    for (const fault of FAULTS) {
      for (const { name: step, nth, writes } of turns) {
        const first = nth === 0 && (fault.kind === 'death' || story.about === 'job' || !told.has(step));
        const each = fault.kind === 'death' && writes;
        if ((first || each) && (writes || fault.afterwards !== true)) cases.push({ story, fault, step, nth });
      }
    }
    for (const { name } of turns) told.add(name);
  }
  return cases;
}

/**
 * When all must be well again at the latest: at the next run. What a job that ended left leased, and what nobody could be told
 * of, is left alone for as long as a job may wait in its queue.
 */
function latest({ story, fault }: Case): Healed {
  return story.about === 'job' && fault.kind === 'always' ? 'after two hours' : 'by the next run';
}

export function formatCase({ story, fault, step, nth }: Case): string {
  return `${story.name}: ${fault.name}, ${step}${nth === 0 ? '' : ` (${nth + 1})`}`;
}

async function prepared(story: Story): Promise<Scene> {
  const scene = await openScene();
  await story.before?.(scene);
  return scene;
}

const HOUR = 3600;
/** Runs after which a copy has come, or never will: a lease of a job that was not submitted lasts for two hours. */
const RUNS = 4;

export async function run(one: Case): Promise<Result> {
  const { story } = one;
  const scene = await prepared(story);
  const { place, workers } = scene;
  try {
    const strike = aimedAt(one);
    const remaining = story.remaining ?? [];
    const lives = await deliver(place, story.event(scene), { strike, remaining });
    strike.lifted = true;
    const { ended } = lives.find((life) => life.ended !== 'done') ?? { ended: 'done' };
    await workers.runAll();
    const right = async () => (await lacks(scene, story.concerns)).length === 0;
    let healed: Healed = (await right()) ? (ended === 'done' ? 'at once' : 'in minutes') : 'never';
    // A row with a schedule of its own is due every two hours.
    const least = story.about === 'job' ? 2 : 1;
    for (let turn = 1; turn <= RUNS && (healed === 'never' || turn <= least); turn += 1) {
      place.clock.advance(HOUR);
      await deliver(place, SCHEDULE);
      await workers.runAll();
      if (healed === 'never' && (await right())) healed = turn === 1 ? 'by the next run' : 'after two hours';
    }
    const idle = strike.struck === 0 ? ['the fault never struck'] : [];
    const late = HEALED.indexOf(healed) > HEALED.indexOf(latest(one)) ? [`it is well ${healed}`] : [];
    return { case: one, ended, healed, wrongs: [...idle, ...late, ...(await wrongs(scene))] };
  } finally {
    await place.close();
  }
}

/** Runs several at once: most of what they do is to wait before they try again. */
export async function runAll(
  cases: readonly Case[],
  tell: (result: Result) => void = () => undefined,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = cases.values();
  const lane = async () => {
    for (const one of waiting) {
      const result = await run(one);
      tell(result);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}
const AT_ONCE = 16;
