import { DeleteCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { eventAnnouncements } from '../../aws/announcements';
import { parseEvent } from '../../aws/events';
import type { Item } from '../../aws/items';
import type { Log } from '../../aws/log';
import type { Figures } from '../../aws/metrics';
import { tablePulls } from '../../aws/pulls';
import { registryCredentials } from '../../aws/registry-credentials';
import { work } from '../../container/work';
import { memoryLedger } from '../../engine/ledger';
import { budgetLimiter } from '../../engine/limiter';
import { openRegistries } from '../../engine/registry/registries';
import { control } from '../../lambda/control';
import type { World } from '../../lambda/world';
import { type Job, parseJobParameters } from '../../lib/model/job';
import type { DestinationMapping } from '../../lib/model/mapping';
import type { ExitCode } from '../../lib/model/outcome';
import type { Permissions } from '../../lib/model/permissions';
import type { MirrorSettings } from '../../lib/model/settings';
import { AwsError } from '../../local/aws/error';
import { makePrincipals } from '../../local/aws/principals';
import { ecrService } from '../../local/aws/services';
import { inspect } from '../../local/canary';
import { ecrApi } from '../../local/ecr';
import { image, pushBuilt } from '../../local/images';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import type { DockerHubOptions } from '../../local/registry/options';
import { signatureVerifier } from '../../signatures/verifier';
import { type Stack, type StackOptions, standingClock, startStack } from './stack';

/** A deployed mirror in this process: tables, an upstream, a destination, and Batch as a list of what was submitted. */
export interface TestMirror {
  readonly stack: Stack;
  readonly clock: ReturnType<typeof standingClock>;
  readonly upstream: RunningRegistry;
  readonly destination: RunningRegistry;
  /** As `docker.io`, where it is asked for. */
  readonly hub?: RunningRegistry;
  /** Parameters and array size of the jobs that were submitted. */
  readonly submitted: { id: string; parameters: Record<string, string>; size: number }[];
  /** Events that the controller sent to itself. */
  readonly handedOver: unknown[];
  /** What was said to CloudWatch, and to the bus. */
  readonly figures: Figures[];
  readonly events: Record<string, string>[];
  readonly logged: { event: string; fields: Readonly<Record<string, unknown>> }[];
  /** When not undefined, Batch refuses with it. */
  refuseJobs?: string;
  /** What the controller is told that it has left, in milliseconds, call by call; then plenty. */
  refuseEvents?: boolean;
  remaining: number[];
  rowsAtOnce?: number;
  verification?: MirrorSettings['verification'];
  permissions: Permissions;
  mapping: DestinationMapping;
  put(...rows: Item[]): Promise<void>;
  remove(source: string): Promise<void>;
  /** Pushes an image made from the seed to the upstream; returns its digest. */
  publish(repository: string, tag: string, seed: string): Promise<string>;
  /** What the controller works with. */
  world(): World;
  /** Calls the controller. */
  call(event: unknown): Promise<Reply>;
  /** Runs a worker for one job, or for one child of it. */
  run(job: Job, id: string, signal?: AbortSignal): Promise<ExitCode>;
  /** Runs all that was submitted since, child by child, and returns the exit codes. */
  runSubmitted(): Promise<ExitCode[]>;
  copies(): Promise<Item[]>;
  copy(source: string, destination: string): Promise<Item | undefined>;
  close(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: replies of every kind, looked at by tests
export type Reply = any;

export interface MirrorOptions extends StackOptions {
  /** A registry with the personality of Amazon ECR, to mirror to. @default - none */
  readonly own?: RunningRegistry;
  /** Docker Hub, with a limit of its own. @default - none */
  readonly hub?: Omit<DockerHubOptions, 'kind'>;
}

export async function startMirror(options: MirrorOptions = {}): Promise<TestMirror> {
  const { own } = options;
  const submitted: TestMirror['submitted'] = [];
  const handedOver: unknown[] = [];
  const logged: TestMirror['logged'] = [];
  const figures: Figures[] = [];
  const events: TestMirror['events'] = [];
  const [upstream, destination] = await Promise.all([startRegistry(), startRegistry()]);
  const stack = await startStack(
    {
      ...(own === undefined ? {} : { ecr: ecrService(makePrincipals(own.ecr?.account ?? ''), () => ecrApi(own)) }),
      batch: ({ input }) => {
        if (mirror.refuseJobs !== undefined) throw new AwsError('ClientException', mirror.refuseJobs);
        const id = `job-${submitted.length}`;
        const size = (input.arrayProperties as { size?: number } | undefined)?.size ?? 1;
        submitted.push({ id, parameters: input.parameters as Record<string, string>, size });
        return { output: { jobId: id, jobName: id, jobArn: id } };
      },
      events: ({ input }) => {
        const entries = input.Entries as unknown as Record<string, string>[];
        if (entries.length > 10 || mirror.refuseEvents) throw new AwsError('AccessDeniedException', 'not authorized');
        events.push(...entries);
        return { output: { FailedEntryCount: 0, Entries: entries.map((_, at) => ({ EventId: String(at) })) } };
      },
      lambda: ({ input }) => {
        handedOver.push(input.Payload);
        return { output: '', status: 202 };
      },
    },
    options,
  );
  const clock = standingClock(Date.now());
  const hub =
    options.hub &&
    (await startRegistry({ personality: { kind: 'docker-hub', ...options.hub }, redirectBlobs: false, clock }));
  const opened: { close(): void }[] = [];
  /** What one process has of registries: each worker is one, and the controller. */
  const openProcess = () => {
    const limiter = budgetLimiter({ ledger: memoryLedger(), pulls: tablePulls(stack.copies), clock });
    const registries = openRegistries({
      credentials:
        own === undefined
          ? { get: async () => undefined }
          : registryCredentials({ credentials: [] }, stack.clients, clock),
      endpoints: {
        'upstream.test': upstream.address,
        'destination.test': destination.address,
        ...(hub === undefined ? {} : { 'docker.io': hub.address }),
        'gone.test': 'http://127.0.0.1:9',
        ...(own?.ecr === undefined ? {} : { [own.ecr.host]: own.address }),
      },
      retry: { attempts: 1 },
      ...(hub === undefined ? {} : { limiter }),
    });
    opened.push(registries);
    return { registries, limiter };
  };
  const controller = openProcess();
  const log: Log = (event, fields = {}) => {
    inspect(`the line of the log "${event}"`, JSON.stringify(fields));
    logged.push({ event, fields });
  };
  const settings = (): MirrorSettings => ({
    permissions: mirror.permissions,
    mapping: mirror.mapping,
    credentials: [],
    ...(mirror.verification === undefined ? {} : { verification: mirror.verification }),
  });
  const world = (): World => ({
    clients: stack.clients,
    mirrors: stack.mirrors,
    copies: stack.copies,
    settings: settings(),
    stores: (repository, side) => controller.registries.store(repository, side),
    pulls: controller.limiter.pulls,
    jobs: { queue: 'queue', definition: 'worker:1' },
    functionName: 'controller',
    clock,
    log,
    metrics: (said) => figures.push(said),
    announce: eventAnnouncements(stack.clients.events(), 'bus', log),
    remaining: () => mirror.remaining.shift() ?? 900_000,
    rowsAtOnce: mirror.rowsAtOnce,
  });
  let ran = 0;
  const openStores = (): World['stores'] => {
    const { registries } = hub === undefined ? controller : openProcess();
    return (repository, side) => registries.store(repository, side);
  };

  const mirror: TestMirror = {
    stack,
    world,
    clock,
    upstream,
    destination,
    ...(hub === undefined ? {} : { hub }),
    submitted,
    handedOver,
    figures,
    events,
    logged,
    remaining: [],
    permissions: { sources: ['**'], destinations: ['destination.test/**'], outward: [] },
    mapping: {},
    put: async (...rows) => {
      for (const Item of rows) await stack.mirrors.documents.send(new PutCommand({ TableName: 'mirrors', Item }));
    },
    remove: async (Source) => {
      await stack.mirrors.documents.send(new DeleteCommand({ TableName: 'mirrors', Key: { Source } }));
    },
    publish: async (repository, tag, seed) => {
      const built = image({ seed });
      await pushBuilt(upstream.address, repository, built, [tag]);
      return built.root.descriptor.digest;
    },
    call: (event) => control(parseEvent(event), world()),
    run: (job, id, signal = new AbortController().signal) =>
      work(job, {
        copies: stack.copies,
        settings: settings(),
        stores: openStores(),
        clock,
        log,
        metrics: (said) => figures.push(said),
        announce: eventAnnouncements(stack.clients.events(), 'bus', log),
        verifySignature: signatureVerifier(),
        job: id,
        signal,
      }),
    runSubmitted: async () => {
      const codes: ExitCode[] = [];
      for (; ran < submitted.length; ran += 1) {
        const { id, parameters, size } = submitted[ran] as (typeof submitted)[number];
        for (let child = 0; child < size; child += 1) {
          const job = parseJobParameters(parameters, size > 1 ? String(child) : undefined);
          codes.push(await mirror.run(job, size > 1 ? `${id}:${child}` : id));
        }
      }
      return codes;
    },
    copies: async () => {
      const answer = await stack.copies.documents.send(new ScanCommand({ TableName: 'copies', ConsistentRead: true }));
      const items = answer.Items ?? [];
      return items.filter(({ Source }) => !String(Source).startsWith('plan#') && Source !== 'run');
    },
    copy: async (source, to) =>
      (await mirror.copies()).find(({ Source, Destination }) => Source === source && Destination === to),
    close: async () => {
      for (const one of opened) one.close();
      await Promise.all([upstream.close(), destination.close(), hub?.close(), stack.close()]);
    },
  };
  return mirror;
}
