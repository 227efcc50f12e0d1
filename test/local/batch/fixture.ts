import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countActivity } from '../../../local/activity';
import { makeBatchApi } from '../../../local/batch/api';
import { readJobDefinition } from '../../../local/batch/definition';
import { describeJob, type Job } from '../../../local/batch/job';
import { makeRunner } from '../../../local/batch/runner';
import type { JsonMap } from '../../../local/template/value';

export const QUEUE = {
  name: 'copies',
  arn: 'arn:aws:batch:eu-west-1:111122223333:job-queue/copies',
  enabled: true,
  maxvCpus: 16,
};

const ARN = 'arn:aws:batch:eu-west-1:111122223333:job-definition/worker';

/** A job definition as a template declares it, resolved. */
export function definition(more: JsonMap = {}, container: JsonMap = {}, revision = 1) {
  return readJobDefinition({
    id: 'Worker',
    type: 'AWS::Batch::JobDefinition',
    ref: `${ARN}:${revision}`,
    attributes: {},
    properties: {
      Type: 'container',
      Parameters: { plan: '-' },
      ContainerProperties: {
        Image: 'worker:hash',
        Command: ['node', 'worker.js'],
        ExecutionRoleArn: 'arn:aws:iam::111122223333:role/execution',
        ResourceRequirements: [
          { Type: 'VCPU', Value: '0.25' },
          { Type: 'MEMORY', Value: '512' },
        ],
        ...container,
      },
      ...more,
    },
  });
}

/** The runner with a worker of one file, and what became of its jobs. */
export function startBatch(
  worker: string,
  options: {
    readonly definition?: ReturnType<typeof definition>;
    readonly maxvCpus?: number;
    readonly containers?: number;
    readonly now?: () => number;
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'batch-'));
  writeFileSync(join(folder, 'worker.js'), worker);
  const states: string[] = [];
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const activity = countActivity();
  const runner = makeRunner({
    account: '111122223333',
    region: 'eu-west-1',
    containers: options.containers ?? 4,
    second: 4,
    folder: (image) => {
      if (image !== 'worker:hash') throw new Error(`no image ${image}`);
      return folder;
    },
    surroundings: () => ({ AWS_REGION: 'eu-west-1' }),
    activity,
    onStateChange: (job) => {
      states.push(`${job.index ?? 'job'} ${job.status}`);
      for (const check of waiting) check();
    },
    onLine: (_job, line) => {
      lines.push(line);
      for (const check of waiting) check();
    },
  });
  const api = makeBatchApi({
    runner,
    registered: {
      queues: [{ ...QUEUE, maxvCpus: options.maxvCpus ?? QUEUE.maxvCpus }],
      definitions: [options.definition ?? definition()],
    },
    clock: { now: options.now ?? Date.now, sleep: async () => {} },
  });
  const call = (operation: string, input: JsonMap, bytes = Buffer.byteLength(JSON.stringify(input))) =>
    (api[operation] as NonNullable<(typeof api)[string]>)(input, bytes);
  const find = (id: unknown): Job => runner.find(String(id)) as Job;
  return {
    states,
    lines,
    call,
    find,
    runner,
    submit: (input: JsonMap = {}): Job =>
      find(call('submitjob', { jobName: 'copy', jobQueue: 'copies', jobDefinition: 'worker', ...input }).jobId),
    describe: (job: Job) => describeJob(job),
    idle: () => activity.idle(20_000),
    /** Once it holds; checked at each change of a state and each line. */
    until: (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (!holds()) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    stop: async () => {
      await runner.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
