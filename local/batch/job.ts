import type { JsonMap } from '../template/value';
import type { Submission } from './submission';

export type JobStatus = 'SUBMITTED' | 'PENDING' | 'RUNNABLE' | 'STARTING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED';

/** A job, an array job's parent, or one of its children, as far as it has come. */
export interface Job {
  readonly id: string;
  readonly arn: string;
  readonly submission: Submission;
  /** Its number among its parent's children. */
  readonly index?: number;
  readonly createdAt: number;
  status: JobStatus;
  statusReason?: string;
  startedAt?: number;
  stoppedAt?: number;
  readonly attempts: Attempt[];
  readonly children: Job[];
}

export interface Attempt {
  readonly startedAt: number;
  readonly stoppedAt: number;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly statusReason?: string;
  readonly logStreamName: string;
}

export function hasEnded(job: Job): boolean {
  return job.status === 'SUCCEEDED' || job.status === 'FAILED';
}

/** What DescribeJobs and the events say of a job (Batch API, JobDetail). Times in milliseconds since the epoch. */
export function describeJob(job: Job): JsonMap {
  const { definition, name, queue, parameters } = job.submission;
  const last = job.attempts.at(-1);
  return without({
    jobArn: job.arn,
    jobName: name,
    jobId: job.id,
    jobQueue: queue.arn,
    status: job.status,
    statusReason: job.statusReason,
    attempts: job.attempts.map((attempt) =>
      without({
        container: without({
          exitCode: attempt.exitCode,
          reason: attempt.reason,
          logStreamName: attempt.logStreamName,
        }),
        startedAt: attempt.startedAt,
        stoppedAt: attempt.stoppedAt,
        statusReason: attempt.statusReason,
      }),
    ),
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    stoppedAt: job.stoppedAt,
    retryStrategy: {
      attempts: definition.retry.attempts,
      evaluateOnExit: definition.retry.evaluateOnExit.map((rule) => without({ ...rule })),
    },
    dependsOn: [],
    jobDefinition: definition.arn,
    parameters,
    timeout: definition.timeout === undefined ? undefined : { attemptDurationSeconds: definition.timeout },
    arrayProperties: describeArray(job),
    container:
      job.children.length > 0
        ? undefined
        : without({
            image: definition.image,
            command: definition.command,
            jobRoleArn: definition.jobRoleArn,
            environment: Object.entries(definition.environment).map(([key, value]) => ({ name: key, value })),
            exitCode: last?.exitCode,
            reason: last?.reason,
            logStreamName: last?.logStreamName,
          }),
    propagateTags: false,
    platformCapabilities: ['FARGATE'],
    tags: {},
  });
}

function describeArray(job: Job): JsonMap | undefined {
  if (job.index !== undefined) return { index: job.index };
  if (job.children.length === 0) return undefined;
  const statuses: JobStatus[] = ['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED'];
  const count = (status: JobStatus) => job.children.filter((child) => child.status === status).length;
  return {
    size: job.children.length,
    statusSummary: Object.fromEntries(statuses.map((status) => [status, count(status)])),
  };
}

function without(map: Readonly<Record<string, unknown>>): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined)) as JsonMap;
}
