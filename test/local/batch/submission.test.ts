import { definition, startBatch } from './fixture';

let second = 0;
const nextSecond = () => {
  second += 1000;
  return second;
};
const batch = startBatch('', { now: nextSecond });
afterEach(() => batch.idle());
afterAll(() => batch.stop());

describe('SubmitJob refuses', () => {
  it.each([
    ['an unknown queue', { jobQueue: 'other' }, /jobQueue: got "other"; copies would do/],
    [
      'an unknown definition',
      { jobDefinition: 'other' },
      /jobDefinition: got "other", which is unknown or deregistered/,
    ],
    ['a deregistered revision', { jobDefinition: 'worker:7' }, /unknown or deregistered/],
    ['a name beginning with a dash', { jobName: '-copy' }, /jobName/],
    ['a name with other characters', { jobName: 'copy nginx' }, /jobName/],
    ['a name of 129 characters', { jobName: 'n'.repeat(129) }, /jobName/],
    ['an array of 1', { arrayProperties: { size: 1 } }, /arrayProperties.size: got the number 1; 2 to 10000 would do/],
    ['an array of 10,001', { arrayProperties: { size: 10_001 } }, /arrayProperties.size/],
    ['a parameter that is no text', { parameters: { plan: 7 } }, /parameters.plan: got the number 7/],
    ['a timeout below a minute', { timeout: { attemptDurationSeconds: 30 } }, /timeout: got the number 30/],
    ['eleven attempts', { retryStrategy: { attempts: 11 } }, /attempts: got the number 11; 1 to 10/],
    ['no attempts', { retryStrategy: { attempts: 0 } }, /attempts/],
    ['rules without attempts', { retryStrategy: { evaluateOnExit: [{ action: 'EXIT' }] } }, /needs attempts/],
    [
      'six rules',
      { retryStrategy: { attempts: 2, evaluateOnExit: Array.from({ length: 6 }, () => ({ action: 'EXIT' })) } },
      /got 6 rules/,
    ],
    [
      'a pattern that begins with a star',
      { retryStrategy: { attempts: 2, evaluateOnExit: [{ onReason: '*Error', action: 'EXIT' }] } },
      /restricted characters/,
    ],
    [
      'an exit code that is no number',
      { retryStrategy: { attempts: 2, evaluateOnExit: [{ onExitCode: 'one', action: 'EXIT' }] } },
      /restricted characters/,
    ],
    [
      'another action',
      { retryStrategy: { attempts: 2, evaluateOnExit: [{ onExitCode: '1', action: 'STOP' }] } },
      /RETRY or EXIT would do/,
    ],
    [
      'a variable with the reserved prefix',
      { containerOverrides: { environment: [{ name: 'AWS_BATCH_X', value: '1' }] } },
      /reserved/,
    ],
    [
      'memory that Fargate does not have',
      { containerOverrides: { resourceRequirements: [{ type: 'MEMORY', value: '700' }] } },
      /MEMORY: got 700 MiB; with 0.25 vCPU 512, 1024, 2048 would do/,
    ],
    [
      'vCPUs that Fargate does not have',
      { containerOverrides: { resourceRequirements: [{ type: 'VCPU', value: '3' }] } },
      /VCPU: got 3/,
    ],
    ['21 dependencies', { dependsOn: Array.from({ length: 21 }, () => ({ jobId: 'x' })) }, /at most 20/],
  ])('%s', (_name, input, message) => {
    expect(() => batch.submit(input)).toThrow(expect.objectContaining({ code: 'ClientException', status: 400 }));
    expect(() => batch.submit(input)).toThrow(message);
  });

  it('a request of more than 30 KiB', () => {
    expect(() => batch.submit({ parameters: { plan: 'p'.repeat(30 * 1024) } })).toThrow(/at most 30720 would do/);
  });

  it('the 51st request in a second', async () => {
    const { call, idle, stop } = startBatch('', { now: () => 1_000 });
    const input = { jobName: 'copy', jobQueue: 'copies', jobDefinition: 'other' };
    for (let count = 0; count < 50; count += 1) expect(() => call('submitjob', input)).toThrow(/jobDefinition/);
    expect(() => call('submitjob', input)).toThrow(
      expect.objectContaining({ code: 'TooManyRequestsException', status: 429 }),
    );
    await idle();
    await stop();
  });
});

describe('SubmitJob takes', () => {
  const ARN = 'arn:aws:batch:eu-west-1:111122223333:job-definition/worker';
  it.each(['worker', 'worker:1', `${ARN}:1`, ARN])('the definition as %s', (jobDefinition) => {
    expect(batch.submit({ jobDefinition }).submission.definition.revision).toBe(1);
  });

  it('the queue by its ARN', () => {
    const queue = 'arn:aws:batch:eu-west-1:111122223333:job-queue/copies';
    expect(batch.submit({ jobQueue: queue }).submission.queue.name).toBe('copies');
  });

  it('actions in either case', () => {
    const rule = { onExitCode: '1', action: 'retry' };
    const job = batch.submit({ retryStrategy: { attempts: 2, evaluateOnExit: [rule] } });
    expect(job.submission.definition.retry.evaluateOnExit).toEqual([{ onExitCode: '1', action: 'RETRY' }]);
  });
});

describe('other operations', () => {
  it('describes 100 jobs at most, and leaves out those it does not know', () => {
    expect(batch.call('describejobs', { jobs: ['nobody'] })).toEqual({ jobs: [] });
    const ids = Array.from({ length: 101 }, (_, index) => `job-${index}`);
    expect(() => batch.call('describejobs', { jobs: ids })).toThrow(/at most 100/);
  });

  it.each(['canceljob', 'terminatejob'])('%s wants a job and a reason', (operation) => {
    expect(() => batch.call(operation, { jobId: 'nobody', reason: 'x' })).toThrow(/a job's id would do/);
    expect(() => batch.call(operation, { jobId: batch.submit().id })).toThrow(/reason: got nothing/);
  });

  it('lists the jobs of a queue by status', async () => {
    const job = batch.submit();
    await batch.idle();
    const { jobSummaryList } = batch.call('listjobs', { jobQueue: 'copies', jobStatus: 'SUCCEEDED' });
    expect(jobSummaryList).toContainEqual(expect.objectContaining({ jobId: job.id }));
  });
});

describe('a job definition is refused', () => {
  it.each([
    ['without an execution role', {}, { ExecutionRoleArn: undefined }, /executionRoleArn/],
    ['with a log driver that Fargate does not have', {}, { LogConfiguration: { LogDriver: 'json-file' } }, /logDriver/],
    ['when privileged', {}, { Privileged: true }, /Privileged/],
    ['with too little storage', {}, { EphemeralStorage: { SizeInGiB: 20 } }, /21 to 200/],
    [
      'with a pair of cpu and memory that is none',
      {},
      { ResourceRequirements: [{ Type: 'VCPU', Value: '1' }] },
      /MEMORY/,
    ],
    ['of more than 24 KiB', { Parameters: { plan: 'p'.repeat(24 * 1024) } }, {}, /24 KiB/],
    ['that is for several nodes', { Type: 'multinode' }, {}, /container would do/],
    ['with a timeout below a minute', { Timeout: { AttemptDurationSeconds: 30 } }, {}, /at least 60/],
    ['with rules but no attempts', { RetryStrategy: { EvaluateOnExit: [{ Action: 'EXIT' }] } }, {}, /attempts/],
  ])('%s', (_name, more, container, message) => {
    expect(() => definition(more as never, container as never)).toThrow(message);
  });
});
