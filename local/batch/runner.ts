import { randomUUID } from 'node:crypto';
import { reason } from '../../engine/errors';
import type { Activity } from '../activity';
import { type Container, neverStarted, startContainer } from '../process/container';
import type { JobDefinition } from './definition';
import { type Attempt, hasEnded, type Job, type JobStatus } from './job';
import { isRetried } from './retry';
import { makeSlots, type Slots } from './slots';
import type { Submission } from './submission';

export interface RunnerOptions {
  readonly account: string;
  readonly region: string;
  /** Containers at once, whatever the queue's vCPUs allow. */
  readonly containers: number;
  /** The folder that stands for an image's working directory. @throws Error for an unknown image */
  readonly folder: (image: string) => string;
  /** What the platform gives a container: region, credentials, endpoints. */
  readonly surroundings: (definition: JobDefinition) => Readonly<Record<string, string>>;
  /** Milliseconds that a second of a timeout lasts. @default 1000 */
  readonly second?: number;
  readonly activity: Activity;
  readonly onStateChange?: (job: Job) => void;
  readonly onLine?: (job: Job, line: string) => void;
}

/**
 * Runs jobs as AWS Batch does on Fargate: array children with retries of their own, `evaluateOnExit`, timeouts, vCPUs of the
 * compute environments as the bound. A container is a Node process in a folder. Not built: dependencies between jobs,
 * priorities, fair share, multi-node jobs, `jobStateTimeLimitActions`, limits of memory and disk, roles (the credentials
 * say which role, nothing is checked against its policies).
 */
export interface Runner {
  submit(submission: Submission): Job;
  find(id: string): Job | undefined;
  list(): readonly Job[];
  /** Before it has started; afterwards nothing happens, as in AWS. */
  cancel(job: Job, reason: string): void;
  terminate(job: Job, reason: string): void;
  /** What a reclaimed Fargate Spot task gets: SIGTERM, and SIGKILL after 30 seconds. */
  interrupt(job: Job): void;
  /** Ends all processes at once. */
  stop(): Promise<void>;
}

/** Seconds between SIGTERM and SIGKILL. */
const STOP_TIMEOUT = 30;
const STARTED: readonly JobStatus[] = ['STARTING', 'RUNNING'];
const REASON = {
  EXITED: 'Essential container in task exited',
  TIMED_OUT: 'Job attempt duration exceeded timeout',
  SPOT: 'Your Spot Task was interrupted.',
  CHILD_FAILED: 'Array Child Job failed',
};

/** A job under way: what may happen to it from outside. */
interface Control {
  readonly ended: Promise<void>;
  readonly abort: AbortController;
  container?: Container;
  /** Why it ends for good, whatever its exit code. */
  final?: string;
  interrupted?: boolean;
}

export function makeRunner(options: RunnerOptions): Runner {
  const jobs = new Map<string, Job>();
  const controls = new Map<Job, Control>();
  const slots = new Map<string, Slots>();
  const slotsOf = ({ queue }: Submission): Slots => {
    const made = slots.get(queue.arn) ?? makeSlots(queue.maxvCpus, options.containers);
    slots.set(queue.arn, made);
    return made;
  };
  const begin = (job: Job): Promise<void> => {
    const abort = new AbortController();
    const control: Control = { abort, ended: Promise.resolve() };
    controls.set(job, control);
    const ended = runToEnd(options, job, control, slotsOf(job.submission)).finally(() => controls.delete(job));
    Object.assign(control, { ended });
    return ended;
  };
  const end = (job: Job, reason: string, only: (status: JobStatus) => boolean): void => {
    for (const each of job.children.length > 0 ? job.children : [job]) {
      const control = controls.get(each);
      if (control === undefined || !only(each.status)) continue;
      control.final = reason;
      control.abort.abort();
      control.container?.stop();
    }
  };

  return {
    submit: (submission) => {
      const job = makeJob(options, submission);
      jobs.set(job.id, job);
      for (const child of job.children) jobs.set(child.id, child);
      const done = options.activity.begin();
      const ended = job.children.length === 0 ? begin(job) : runArray(options, job, begin);
      void ended.finally(done);
      return job;
    },
    find: (id) => jobs.get(id),
    list: () => [...jobs.values()].filter((job) => job.index === undefined),
    cancel: (job, reason) => end(job, reason, (status) => !STARTED.includes(status)),
    terminate: (job, reason) => end(job, reason, () => true),
    interrupt: (job) => {
      const control = controls.get(job);
      if (control?.container === undefined) return;
      control.interrupted = true;
      control.container.stop();
    },
    stop: async () => {
      const running = [...controls.values()];
      for (const control of running) {
        control.final = 'The local stack was stopped';
        control.abort.abort();
        control.container?.kill();
      }
      await Promise.all(running.map((control) => control.ended));
    },
  };
}

function makeJob({ account, region }: RunnerOptions, submission: Submission): Job {
  const id = randomUUID();
  const createdAt = Date.now();
  const make = (jobId: string, index?: number): Job => ({
    id: jobId,
    arn: `arn:aws:batch:${region}:${account}:job/${jobId}`,
    submission,
    createdAt,
    status: 'SUBMITTED',
    attempts: [],
    children: [],
    ...(index === undefined ? {} : { index }),
  });
  const children = Array.from({ length: submission.arraySize ?? 0 }, (_, index) => make(`${id}:${index}`, index));
  return { ...make(id), children };
}

function change(options: RunnerOptions, job: Job, status: JobStatus, statusReason?: string): void {
  job.status = status;
  if (statusReason !== undefined) job.statusReason = statusReason;
  if (status === 'RUNNING') job.startedAt = Date.now();
  if (hasEnded(job)) job.stoppedAt = Date.now();
  options.onStateChange?.(job);
}

/** The parent ends after all its children have: failed if one of them has. */
async function runArray(options: RunnerOptions, job: Job, begin: (child: Job) => Promise<void>): Promise<void> {
  await Promise.resolve();
  change(options, job, 'PENDING');
  await Promise.all(job.children.map(begin));
  const failed = job.children.some((child) => child.status === 'FAILED');
  if (failed) change(options, job, 'FAILED', REASON.CHILD_FAILED);
  else change(options, job, 'SUCCEEDED');
}

async function runToEnd(options: RunnerOptions, job: Job, control: Control, slots: Slots): Promise<void> {
  // SubmitJob answers before anything else is heard of the job.
  await Promise.resolve();
  const { retry, vcpus } = job.submission.definition;
  change(options, job, 'PENDING');
  for (let attempt = 1; attempt <= retry.attempts && !hasEnded(job); attempt += 1) {
    change(options, job, 'RUNNABLE');
    const giveBack = await slots.take(vcpus, control.abort.signal);
    if (giveBack === undefined) return change(options, job, 'FAILED', control.final);
    const result = await runAttempt(options, job, control, attempt);
    job.attempts.push(result);
    const end = endAfter(result, attempt, job, control);
    if (end !== undefined) change(options, job, end, result.statusReason);
    giveBack();
  }
}

/** The state that an attempt leaves the job in; undefined when it is tried again. */
function endAfter(result: Attempt, attempt: number, job: Job, control: Control): 'SUCCEEDED' | 'FAILED' | undefined {
  if (control.final !== undefined) return 'FAILED';
  if (result.exitCode === 0) return 'SUCCEEDED';
  return isRetried(job.submission.definition.retry, attempt, result) ? undefined : 'FAILED';
}

async function runAttempt(options: RunnerOptions, job: Job, control: Control, attempt: number): Promise<Attempt> {
  const { definition } = job.submission;
  const second = options.second ?? 1000;
  change(options, job, 'STARTING');
  const startedAt = Date.now();
  const container = pullAndStart(options, job, attempt, STOP_TIMEOUT * second);
  control.container = container;
  control.interrupted = false;
  change(options, job, 'RUNNING');
  const timer =
    definition.timeout === undefined
      ? undefined
      : setTimeout(() => {
          control.final = REASON.TIMED_OUT;
          container.stop();
        }, definition.timeout * second);
  const exit = await container.exited;
  clearTimeout(timer);
  delete control.container;
  return {
    startedAt,
    stoppedAt: Date.now(),
    ...exit,
    statusReason: control.final ?? (control.interrupted ? REASON.SPOT : (exit.reason ?? REASON.EXITED)),
    logStreamName: `${definition.name}/default/${job.id}-${attempt}`,
  };
}

function pullAndStart(options: RunnerOptions, job: Job, attempt: number, stopTimeout: number): Container {
  const { command, image } = job.submission.definition;
  const environment = environmentOf(options, job, attempt);
  try {
    const onLine = (line: string) => options.onLine?.(job, line);
    return startContainer({ command, folder: options.folder(image), environment, stopTimeout, onLine });
  } catch (error) {
    return neverStarted(`CannotPullContainerError: ${reason(error)}`);
  }
}

/** All that a container sees: the platform's, the definition's and job's, and Batch's own (AWS Batch user guide, "Job environment variables"). */
function environmentOf(options: RunnerOptions, job: Job, attempt: number): Readonly<Record<string, string>> {
  const { definition, queue, arraySize } = job.submission;
  return {
    PATH: process.env.PATH ?? '',
    ...options.surroundings(definition),
    ...definition.environment,
    AWS_BATCH_JOB_ID: job.id,
    AWS_BATCH_JOB_ATTEMPT: String(attempt),
    AWS_BATCH_JQ_NAME: queue.name,
    AWS_BATCH_CE_NAME: 'local',
    ...(job.index === undefined ? {} : { AWS_BATCH_JOB_ARRAY_INDEX: String(job.index) }),
    ...(arraySize === undefined ? {} : { AWS_BATCH_JOB_ARRAY_SIZE: String(arraySize) }),
  };
}
