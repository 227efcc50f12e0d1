import { type Built, image } from '../../../local/images';
import { invoke } from './invoke';
import { ECR, openPlace, type Place, type SubmittedJob } from './place';
import { ended, type Workers, workersOf } from './work';

/** Something that happens to a controller, in a deployment that was made for it. */
export interface Story {
  readonly name: string;
  /** What the controller is told. @param scene as it was prepared */
  event(scene: Scene): unknown;
  /** What has happened before. @default - nothing */
  before?(scene: Scene): Promise<void>;
  /** Whether it is about rows, or a job that they have. @default 'rows' */
  readonly about?: 'rows' | 'job';
  /** Destinations that the event is about. @default - all */
  readonly concerns?: readonly string[];
  /** Milliseconds that the first invocation is told to have left, call by call. @default - plenty */
  readonly remaining?: readonly number[];
}

/** A deployment with rows, and what is to become of them. */
export interface Scene {
  readonly place: Place;
  readonly workers: Workers;
  /** Images by the destination that is to hold them. */
  readonly wanted: ReadonlyMap<string, Built>;
  /** A tag moves at the upstream. */
  move(seed: string): void;
  /** What the items of rows are to say, by their `Source`. */
  readonly findings: ReadonlyMap<string, Finding>;
}

/** What is found about a row: its state, and what its error says among others. */
export interface Finding {
  readonly state: 'Invalid' | 'Failed';
  readonly says: string;
}

const AGO = 3600;

/**
 * Rows of every kind that asks something else of AWS or of registries: an image that ECR lacks; one that it has and nobody has
 * written down; a row with a schedule of its own; a selection of tags for another registry; an image that comes from ECR; a row
 * that asks for what it may not have; a source that is not there.
 */
export async function openScene(): Promise<Scene> {
  const place = await openPlace(['mirror/app', 'mirror/same', 'mirror/timed', 'mirror/gone', 'team/base']);
  const { ecr } = place.registries;
  const wanted = new Map<string, Built>();
  const want = (destination: string, built: Built) => wanted.set(destination, built);
  want(`${ECR}/mirror/app:1`, place.publish('app', '1', 'app'));
  want(`${ECR}/mirror/timed:1`, place.publish('timed', '1', 'timed'));
  for (const tag of ['1.0', '1.1']) want(`destination.test/mirror/tool:${tag}`, place.publish('tool', tag, tag));
  place.publish('tool', '2.0', '2.0');
  const same = place.publish('same', '1', 'same');
  ecr.state.place('mirror/same', same, '1');
  want(`${ECR}/mirror/same:1`, same);
  const base = image({ seed: 'base' });
  ecr.state.place('team/base', base, '1');
  want('destination.test/mirror/base:1', base);
  await place.put(
    { Source: 'upstream.test/app:1', Destination: `${ECR}/mirror/app` },
    { Source: 'upstream.test/timed:1', Destination: `${ECR}/mirror/timed`, Every: '2h' },
    { Source: 'upstream.test/tool', Destination: 'destination.test/mirror/tool', Tags: { Include: ['1.*'] } },
    { Source: 'upstream.test/same:1', Destination: `${ECR}/mirror/same` },
    { Source: `${ECR}/team/base:1`, Destination: 'destination.test/mirror/base' },
    { Source: 'upstream.test/bad:1', Destination: 'stranger.test/bad' },
    { Source: 'upstream.test/gone:1', Destination: `${ECR}/mirror/gone` },
  );
  place.clock.advance(AGO);
  const findings = new Map<string, Finding>([
    ['upstream.test/bad:1', { state: 'Invalid', says: 'stranger.test' }],
    ['upstream.test/gone:1', { state: 'Failed', says: 'gone' }],
  ]);
  const move = (seed: string) => want(`${ECR}/mirror/app:1`, place.publish('app', '1', seed));
  return { place, workers: workersOf(place), wanted, move, findings };
}

export const SCHEDULE = { trigger: 'schedule' };

const ENOUGH = 900_000;
const TOO_LITTLE = 59_000;

/** What belongs to rows without a schedule of their own, which every run looks at. */
const UNTIMED = [
  `${ECR}/mirror/app:1`,
  'destination.test/mirror/tool:1.0',
  'destination.test/mirror/tool:1.1',
  'destination.test/mirror/base:1',
];

export const STORIES: readonly Story[] = [
  { name: 'schedule', event: () => SCHEDULE },
  {
    name: 'schedule with too little time',
    event: () => SCHEDULE,
    // To plan, to write what was found, to lease two copies; none for the others.
    remaining: [ENOUGH, ENOUGH, ENOUGH, ENOUGH, ...Array<number>(10).fill(TOO_LITTLE)],
  },
  {
    name: 'push to ECR',
    event: () => push('team/base', '1'),
    concerns: ['destination.test/mirror/base:1'],
  },
  {
    name: 'changed rows',
    before: async ({ place }) => {
      await place.put({ Source: 'upstream.test/old:1', Destination: 'stranger.test/old' });
      await invoke(place, { sources: ['upstream.test/old:1'] });
      await place.remove('upstream.test/old:1');
    },
    event: () => ({ Records: [record('INSERT', 'upstream.test/app:1'), record('REMOVE', 'upstream.test/old:1')] }),
    concerns: [`${ECR}/mirror/app:1`],
  },
  {
    name: 'job that failed',
    about: 'job',
    concerns: UNTIMED,
    before: async (scene) => {
      await planned(scene);
      scene.workers.lose();
    },
    event: (scene) => ended(lastJob(scene)),
  },
  {
    name: 'blocked queue',
    about: 'job',
    concerns: UNTIMED,
    before: planned,
    event: (scene) => ({ ...ended(lastJob(scene)), 'detail-type': 'Batch Job Queue Blocked' }),
  },
];

const lastJob = ({ place }: Scene): SubmittedJob => place.jobs.at(-1) ?? { id: '', parameters: {}, size: 1 };

async function planned({ place }: Scene): Promise<void> {
  const run = await invoke(place, SCHEDULE);
  if (run.ended !== 'done' || place.jobs.length !== 1) throw new Error(`the run before it: ${run.ended}`);
}

/** An image that came to the ECR of the deployment. */
export function push(repository: string, tag: string) {
  const detail = { result: 'SUCCESS', 'action-type': 'PUSH', 'repository-name': repository, 'image-tag': tag };
  return { 'detail-type': 'ECR Image Action', account: '123456789012', region: 'eu-west-1', detail };
}

/** A record of the stream of rows. */
export function record(eventName: 'INSERT' | 'MODIFY' | 'REMOVE', source: string) {
  return { eventName, dynamodb: { Keys: { Source: { S: source } } } };
}
