import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { EcrMirror } from '../../lib/index';
import { describeJob, type Job } from '../../local/batch/job';
import { makeEvent } from '../../local/events';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';
import { readRegistered } from '../../local/stack/jobs';
import type { Attributes } from '../../local/stack/rows';
import { readAssembly } from '../../local/template/assembly';
import { startProxy } from '../fault/proxy';
import { type SharedClock, sharedClock } from './worker-clock';
import { openCopies } from './worker-copies';
import { IMAGE, SIGNATURE, TAG } from './worker-image';
import { acceptingJobs } from './worker-jobs';
import { BESIDE, startWorker, type WorkerProcess } from './worker-process';
import { type Watch, watchRequests } from './worker-requests';

const UPSTREAM = 'upstream.example.com';
const SOURCE = `${UPSTREAM}/app:${TAG}`;
const PLACE = { account: '111122223333', region: 'eu-west-1' };
/** The repository that `upstream.example.com/app` is mirrored to. */
export const REPOSITORY = 'mirror/app';
const OWN = `${PLACE.account}.dkr.ecr.${PLACE.region}.amazonaws.com`;

/** Seconds; runs are kept for thirty days. */
const LONG = 31 * 24 * 3600;

/**
 * A deployed mirror on this machine: the template's own controller, DynamoDB, an upstream, Amazon ECR, and a time that can be
 * moved on. Jobs wait until somebody runs their worker, whose requests a {@link Watch} sees.
 */
export interface CrashWorld {
  readonly stack: LocalStack;
  readonly clock: SharedClock;
  readonly upstream: RunningRegistry;
  readonly own: RunningRegistry;
  readonly watch: Watch;
  /** What the table says of the one copy that there is. */
  copy(): Promise<Attributes>;
  /** The table knows nothing of the copy: what was emptied by a test was removed by nobody. */
  forget(): Promise<void>;
  /** A month later: what was before counts no more. */
  longAfter(): Promise<void>;
  /** Runs the schedule and all that it brings about: the job that was submitted, if there is something to do. */
  schedule(): Promise<Job | undefined>;
  /** The worker of a job, as AWS Batch starts it at each attempt. */
  run(job: Job): WorkerProcess;
  /** What AWS Batch says when it tries a job no more. */
  giveUp(job: Job, why: string): Promise<void>;
  close(): Promise<void>;
}

export async function openCrashWorld(): Promise<CrashWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  const assembly = join(folder, 'assembly');
  const clock = sharedClock(join(folder, 'clock'));
  synthesize(assembly, clock.file);
  const watch = watchRequests();
  const [upstream, own] = await Promise.all([
    startRegistry(),
    startRegistry({ personality: { kind: 'ecr', ...PLACE }, clock }),
  ]);
  const [source, destination] = await Promise.all([
    startProxy('source', upstream.address, () => watch.pass('source', upstream.address)),
    startProxy('destination', own.address, () => watch.pass('destination', own.address)),
  ]);
  const jobs: Job[] = [];
  const accepting = acceptingJobs(() => readRegistered(stack.template), jobs);
  const stack: LocalStack = await startStack({
    assembly,
    ...PLACE,
    registries: { [UPSTREAM]: { address: source.url }, [OWN]: { ...own, address: destination.url } },
    around: (name, service) => (name === 'batch' ? accepting : service),
  });
  const aws = await startProxy('AWS', stack.aws.url, () => watch.pass('AWS', stack.aws.url));
  upstream.state.place('app', IMAGE, TAG);
  upstream.state.place('app', SIGNATURE);
  own.state.create(REPOSITORY);
  await stack.putRow({ Source: SOURCE, Destination: `${OWN}/${REPOSITORY}` });
  await stack.waitUntilIdle();
  const copies = openCopies(stack);
  const key = { Source: SOURCE, Destination: `${OWN}/${REPOSITORY}:${TAG}` };
  const workers = new Set<WorkerProcess>();
  return {
    stack,
    clock,
    upstream,
    own,
    watch,
    run: ({ id, submission: { definition } }) => {
      const { command, image, environment } = definition;
      const around = { PATH: process.env.PATH ?? '', ...stack.environment, AWS_ENDPOINT_URL: aws.url };
      const worker = startWorker({
        args: command.slice(1),
        cwd: readAssembly(assembly).asset(image.slice(image.lastIndexOf(':') + 1)),
        environment: { ...around, ...environment, AWS_BATCH_JOB_ID: id, CRASH_CLOCK: clock.file },
      });
      workers.add(worker);
      void worker.exited.then(() => workers.delete(worker));
      return worker;
    },
    copy: () => copies.read(key),
    forget: () => copies.forget(key),
    longAfter: async () => {
      clock.advance(LONG);
      await copies.expire(clock.now());
    },
    schedule: async () => {
      const before = jobs.length;
      stack.runSchedule();
      await stack.waitUntilIdle();
      return jobs[before];
    },
    giveUp: async (job, why) => {
      const detail = describeJob({ ...job, status: 'FAILED', statusReason: why });
      const event = { source: 'aws.batch', detailType: 'Batch Job State Change', detail, resources: [job.arn] };
      stack.deliver(makeEvent({ ...event, ...PLACE, id: randomUUID(), time: clock.now() }));
      await stack.waitUntilIdle();
    },
    close: async () => {
      await Promise.all([...workers].map((worker) => worker.kill()));
      copies.close();
      await stack.stop();
      await Promise.all([source, destination, aws, upstream, own].map((server) => server.close()));
      rmSync(folder, { recursive: true });
    },
  };
}

/** The controller's function lives in the same time as everything else here. */
function synthesize(outdir: string, clock: string): void {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ outdir, analyticsReporting: false, context });
  const mirror = new EcrMirror(new Stack(app, 'Crash'), 'Mirror', { allowedSources: [`${UPSTREAM}/**`] });
  const controller = mirror.controller.node.defaultChild as CfnFunction;
  controller.addPropertyOverride('Environment.Variables.NODE_OPTIONS', `--require ${BESIDE}`);
  controller.addPropertyOverride('Environment.Variables.CRASH_CLOCK', clock);
  app.synth();
}
