import { DeleteCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Item } from '../../../aws/items';
import type { Clock } from '../../../engine/ports';
import { Env } from '../../../lib/model/names';
import { serialiseSettings } from '../../../lib/model/settings-document';
import { parameterService } from '../../../local/aws/services';
import { ecrApi } from '../../../local/ecr';
import { type Built, image } from '../../../local/images';
import { type RunningRegistry, startRegistry } from '../../../local/registry';
import { type JsonMap, listOf, mapOf, textOf } from '../../../local/template/value';
import { type Stack, standingClock, startStack } from '../../aws/stack';
import { clientsAt } from './line';
import type { Peer } from './step';

/** A deployment in this process, around which controllers come and go. */
export interface Place {
  readonly stack: Stack;
  /** The right time. */
  readonly clock: ReturnType<typeof standingClock>;
  readonly peers: Readonly<Record<Peer, string>>;
  readonly registries: Readonly<Record<'upstream' | 'destination' | 'ecr', RunningRegistry>>;
  /** Jobs as Batch took them, in order. */
  readonly jobs: SubmittedJob[];
  /** What the controller sent to itself, in order. */
  readonly handedOver: unknown[];
  /** Details of the events on the bus. */
  readonly told: JsonMap[];
  readonly lines: string[];
  put(...rows: Item[]): Promise<void>;
  remove(source: string): Promise<void>;
  /** Pushes an image made from the seed to the upstream. */
  publish(repository: string, tag: string, seed: string): Built;
  /** Items of copies and of rows: without work lists and runs. */
  items(): Promise<Item[]>;
  /** What a controller or a worker finds in its environment. @param urls where it finds the registries */
  variables(urls: Readonly<Record<Peer, string>>): Record<string, string>;
  close(): Promise<void>;
}

export interface SubmittedJob {
  readonly id: string;
  readonly parameters: Record<string, string>;
  readonly size: number;
}

export const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

const SETTINGS = serialiseSettings({
  permissions: {
    sources: ['**'],
    destinations: [`${ECR}/mirror/**`, 'destination.test/**'],
    outward: [],
  },
  mapping: {},
  credentials: [],
  eventBus: 'bus',
});

/** Each stack finds its clients' endpoint in the environment when it starts. */
let lastStart: Promise<unknown> = Promise.resolve();

/** @param repositories in the ECR of the deployment */
export async function openPlace(repositories: readonly string[]): Promise<Place> {
  const clock = standingClock(Date.parse('2026-11-21T00:00:00Z'));
  const jobs: SubmittedJob[] = [];
  const handedOver: unknown[] = [];
  const told: JsonMap[] = [];
  const [upstream, destination, ecr] = await Promise.all([
    startRegistry(),
    startRegistry(),
    startRegistry({ personality: { kind: 'ecr', region: 'eu-west-1', repositories } }),
  ]);
  const api = ecrApi(ecr);
  const bucket = ecr.bucketHost ?? '';
  const starting = lastStart.then(() =>
    startStack({
      ssm: parameterService(new Map([['settings', SETTINGS]])),
      ecr: ({ operation, input, accessKeyId }) => ({ output: api(operation, input, accessKeyId) as JsonMap }),
      batch: ({ input }) => {
        const id = `job-${jobs.length}`;
        const size = Number(mapOf(input.arrayProperties).size ?? 1);
        jobs.push({ id, parameters: mapOf(input.parameters) as Record<string, string>, size });
        return { output: { jobId: id, jobName: id, jobArn: id } };
      },
      lambda: ({ input }) => {
        handedOver.push(input.Payload);
        return { output: '', status: 202 };
      },
      events: ({ input }) => {
        const entries = listOf(input.Entries).map(mapOf);
        told.push(...entries.map(({ Detail }) => JSON.parse(textOf(Detail) ?? '{}')));
        return { output: { FailedEntryCount: 0, Entries: entries.map((_, at) => ({ EventId: String(at) })) } };
      },
    }),
  );
  lastStart = starting.catch(() => undefined);
  const stack = await starting;
  const clients = clientsAt(stack.endpoint.url);
  const lines: string[] = [];
  return {
    stack,
    clock,
    peers: {
      aws: stack.endpoint.url,
      upstream: upstream.address,
      destination: destination.address,
      ecr: ecr.address,
    },
    registries: { upstream, destination, ecr },
    jobs,
    handedOver,
    told,
    lines,
    put: async (...rows) => {
      for (const Item of rows) await clients.documents().send(new PutCommand({ TableName: 'mirrors', Item }));
    },
    remove: async (Source) => {
      await clients.documents().send(new DeleteCommand({ TableName: 'mirrors', Key: { Source } }));
    },
    publish: (repository, tag, seed) => {
      const built = image({ seed });
      upstream.state.place(repository, built, tag);
      return built;
    },
    items: async () => {
      const { Items = [] } = await clients
        .documents()
        .send(new ScanCommand({ TableName: 'copies', ConsistentRead: true }));
      return Items.filter(({ Source }) => !/^(?:plan#|run$|rate#)/.test(String(Source)));
    },
    variables: (urls) => ({
      [Env.MIRRORS_TABLE]: 'mirrors',
      [Env.COPIES_TABLE]: 'copies',
      [Env.SETTINGS_PARAMETER]: 'settings',
      [Env.JOB_QUEUE]: 'queue',
      [Env.JOB_DEFINITION]: 'worker:1',
      AWS_LAMBDA_FUNCTION_NAME: 'controller',
      [Env.REGISTRY_ENDPOINTS]: JSON.stringify({
        'upstream.test': urls.upstream,
        'destination.test': urls.destination,
        [ECR]: urls.ecr,
        [bucket]: `http://${bucket}`,
      }),
    }),
    close: async () => {
      clients.close();
      await Promise.all([upstream.close(), destination.close(), ecr.close(), stack.close()]);
    },
  };
}

/** A clock that goes ahead of another by so many seconds, or behind; to sleep takes no time. */
export function apart(clock: Clock, seconds: number): Clock {
  return { now: () => clock.now() + seconds * 1000, sleep: async () => undefined };
}
