import { definition, startBatch } from './fixture';

type Batch = ReturnType<typeof startBatch>;
let batch: Batch | undefined;
const start = (...options: Parameters<typeof startBatch>): Batch => {
  batch = startBatch(...options);
  return batch;
};
afterEach(async () => {
  await batch?.stop();
  batch = undefined;
});

const PRINT_ENVIRONMENT = 'console.log(JSON.stringify(process.env))';
const exitWith = (code: number) => `process.exitCode = ${code};`;
const retry = (attempts: number, ...EvaluateOnExit: { [name: string]: string }[]) =>
  definition({ RetryStrategy: { Attempts: attempts, EvaluateOnExit } });

describe('what a container sees', () => {
  it('gets what the definition, the job and Batch give, and nothing of this machine', async () => {
    const { submit, idle, lines } = start(PRINT_ENVIRONMENT, {
      definition: definition({}, { Environment: [{ Name: 'TABLE', Value: 'copies' }] }),
    });
    const job = submit({ containerOverrides: { environment: [{ name: 'EXTRA', value: '1' }] } });
    await idle();
    const { PATH, ...environment } = JSON.parse(lines[0] ?? '{}');
    expect(environment).toEqual({
      AWS_REGION: 'eu-west-1',
      TABLE: 'copies',
      EXTRA: '1',
      AWS_BATCH_JOB_ID: job.id,
      AWS_BATCH_JOB_ATTEMPT: '1',
      AWS_BATCH_JQ_NAME: 'copies',
      AWS_BATCH_CE_NAME: 'local',
    });
    expect(PATH).toBe(process.env.PATH);
  });

  it('has parameters put in place of Ref::, and leaves one without a value as it is', async () => {
    const { submit, idle, lines } = start('console.log(process.argv.slice(2).join(" "))', {
      definition: definition({}, { Command: ['node', 'worker.js', 'Ref::plan', 'Ref::source', 'Ref::nobody'] }),
    });
    submit({ parameters: { source: 'nginx:1.27' } });
    await idle();
    expect(lines).toEqual(['- nginx:1.27 Ref::nobody']);
  });

  it('does not start an image or a program that is not there', async () => {
    const missing = start('', { definition: definition({}, { Image: 'other:1' }) });
    const job = missing.submit();
    await missing.idle();
    expect(job.attempts[0]?.reason).toBe('CannotPullContainerError: no image other:1');
    expect(job.status).toBe('FAILED');
  });
});

describe('states', () => {
  it('goes through them in order and tells each but the first', async () => {
    const { submit, idle, states, describe } = start('');
    const job = submit();
    expect(job.status).toBe('SUBMITTED');
    await idle();
    expect(states).toEqual(['PENDING', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED'].map((state) => `job ${state}`));
    expect(describe(job)).toMatchObject({ status: 'SUCCEEDED', container: { exitCode: 0 }, jobName: 'copy' });
  });

  it('runs no more than the vCPUs of the queue allow', async () => {
    const { submit, idle, states } = start('', { maxvCpus: 0.25 });
    submit({ arrayProperties: { size: 3 } });
    await idle();
    let running = 0;
    for (const state of states) {
      if (state.endsWith('STARTING')) running += 1;
      if (/^\d.*(SUCCEEDED|FAILED)$/.test(state)) running -= 1;
      expect(running).toBeLessThanOrEqual(1);
    }
  });
});

describe('array jobs', () => {
  it('numbers its children from 0 and ends after all of them', async () => {
    const { submit, idle, lines, states, describe } = start(
      'const e = process.env; console.log(e.AWS_BATCH_JOB_ARRAY_INDEX, e.AWS_BATCH_JOB_ARRAY_SIZE, e.AWS_BATCH_JOB_ID.split(":")[1])',
    );
    const job = submit({ arrayProperties: { size: 3 } });
    await idle();
    expect([...lines].sort()).toEqual(['0 3 0', '1 3 1', '2 3 2']);
    expect(states.at(-1)).toBe('job SUCCEEDED');
    expect(describe(job)).toMatchObject({ arrayProperties: { size: 3, statusSummary: { SUCCEEDED: 3 } } });
  });

  it('fails when one child fails, after the others have ended, and retries that child alone', async () => {
    const { submit, idle, states } = start('process.exitCode = process.env.AWS_BATCH_JOB_ARRAY_INDEX === "1" ? 3 : 0', {
      definition: retry(2),
    });
    const job = submit({ arrayProperties: { size: 2 } });
    await idle();
    expect(job.children.map((child) => [child.status, child.attempts.length])).toEqual([
      ['SUCCEEDED', 1],
      ['FAILED', 2],
    ]);
    expect(states.at(-1)).toBe('job FAILED');
  });
});

describe('retries', () => {
  it('tries again, with the number of the attempt, up to the attempts of the definition', async () => {
    const { submit, idle, lines } = start('console.log(process.env.AWS_BATCH_JOB_ATTEMPT); process.exitCode = 1', {
      definition: retry(3),
    });
    const job = submit();
    await idle();
    expect(lines).toEqual(['1', '2', '3']);
    expect(job.status).toBe('FAILED');
  });

  it('stops where a rule says EXIT', async () => {
    const { submit, idle } = start(exitWith(64), { definition: retry(5, { OnExitCode: '64', Action: 'EXIT' }) });
    const job = submit();
    await idle();
    expect(job.attempts.length).toBe(1);
  });

  it('takes the strategy of the job over that of the definition', async () => {
    const { submit, idle } = start(exitWith(1), { definition: retry(5) });
    const job = submit({ retryStrategy: { attempts: 2 } });
    await idle();
    expect(job.attempts.length).toBe(2);
  });
});

describe('ends from outside', () => {
  const IGNORES_SIGTERM = 'console.log("up"); setInterval(() => {}, 1000)';
  const GOES_WITH = (code: number) => `process.on("SIGTERM", () => process.exit(${code})); ${IGNORES_SIGTERM}`;

  it('ends an attempt that takes too long by SIGTERM, then SIGKILL, and does not try again', async () => {
    const { submit, idle } = start(IGNORES_SIGTERM, { definition: retry(3) });
    const job = submit({ timeout: { attemptDurationSeconds: 60 } });
    await idle();
    expect(job).toMatchObject({ status: 'FAILED', statusReason: 'Job attempt duration exceeded timeout' });
    expect(job.attempts.map(({ exitCode }) => exitCode)).toEqual([137]);
  });

  it('tries an interrupted Spot task again where it ends with a code of its own', async () => {
    const { submit, until, lines, runner, idle } = start(
      `if (process.env.AWS_BATCH_JOB_ATTEMPT === "2") process.exit(0); ${GOES_WITH(75)}`,
      { definition: retry(2, { OnStatusReason: 'Your Spot Task was interrupted*', Action: 'RETRY' }) },
    );
    const job = submit();
    await until(() => lines.includes('up'));
    runner.interrupt(job);
    await idle();
    expect(job.attempts.map(({ exitCode, statusReason }) => [exitCode, statusReason])).toEqual([
      [75, 'Your Spot Task was interrupted.'],
      [0, 'Essential container in task exited'],
    ]);
    expect(job.status).toBe('SUCCEEDED');
  });

  it('counts an interrupted task that exits with 0 as succeeded and never tries it again', async () => {
    const { submit, until, lines, runner, idle } = start(GOES_WITH(0), { definition: retry(3) });
    const job = submit();
    await until(() => lines.includes('up'));
    runner.interrupt(job);
    await idle();
    expect(job).toMatchObject({ status: 'SUCCEEDED', statusReason: 'Your Spot Task was interrupted.' });
    expect(job.attempts.length).toBe(1);
  });

  it('fails a terminated job whatever its exit code, and does not try again', async () => {
    const { submit, until, lines, call, idle } = start(GOES_WITH(0), { definition: retry(3) });
    const job = submit();
    await until(() => lines.includes('up'));
    call('terminatejob', { jobId: job.id, reason: 'not wanted' });
    await idle();
    expect(job).toMatchObject({ status: 'FAILED', statusReason: 'not wanted' });
    expect(job.attempts.length).toBe(1);
  });

  it('cancels a job that waits, and leaves one that runs alone', async () => {
    const { submit, until, lines, states, call, idle, runner } = start(GOES_WITH(0), { containers: 1 });
    const running = submit();
    await until(() => lines.includes('up'));
    const waiting = submit();
    await until(() => states.filter((state) => state === 'job RUNNABLE').length === 2);
    call('canceljob', { jobId: waiting.id, reason: 'changed my mind' });
    call('canceljob', { jobId: running.id, reason: 'changed my mind' });
    runner.interrupt(running);
    await idle();
    expect(waiting).toMatchObject({ status: 'FAILED', statusReason: 'changed my mind', attempts: [] });
    expect(running.status).toBe('SUCCEEDED');
  });
});
