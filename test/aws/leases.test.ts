import { type CopyPair, copyKey } from '../../aws/copy-key';
import { get, type Item } from '../../aws/items';
import { type Acquired, acquire, giveBack, renew, start } from '../../aws/leases';
import { recordEnded } from '../../aws/losses';
import { record } from '../../aws/outcomes';
import type { CopyReason } from '../../lib/model/copy';
import { parseReference } from '../../lib/model/reference';
import { type Stack, standingClock, startStack } from './stack';
import { digestOf, imageAt } from './values';

let stack: Stack;
let clock: ReturnType<typeof standingClock>;
let number = 0;
let pair: CopyPair & { why: CopyReason };

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());
beforeEach(() => {
  clock = standingClock();
  number += 1;
  pair = {
    source: imageAt(`docker.io/library/app${number}:1`),
    destination: parseReference(`registry.test/app${number}:1`),
    why: 'missing',
  };
});

const lease = (plan: string, wanted = pair) => acquire(stack.copies, wanted, plan, clock.now());
const fenceOf = (answer: Acquired): number => {
  if (!('fence' in answer)) throw new Error(`held by ${answer.held}`);
  return answer.fence;
};
const begin = (fence: number, job: string, wanted = pair) =>
  start(stack.copies, { ...wanted, fence }, job, clock.now());
const item = async (): Promise<Item> => (await get(stack.copies, copyKey(pair))) ?? {};
const ended = (state: 'Mirrored' | 'Failed' | 'Conflict') => ({
  source: pair.source,
  destination: pair.destination,
  state,
  bytes: 10,
  seconds: 2,
  ...(state === 'Mirrored' ? {} : { error: 'destination: push: it went wrong' }),
});

describe('acquiring', () => {
  it('is granted once, however many plans ask at the same moment', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => lease(`plan-${i}`)));
    const granted = answers.filter((answer) => 'fence' in answer);
    expect(granted).toMatchObject([{ fence: 1 }]);
    expect(answers.filter((answer) => 'held' in answer && answer.because === 'in-progress')).toHaveLength(11);
  });

  it('names the plan that waits, then the job that works', async () => {
    const fence = fenceOf(await lease('first'));
    expect(await lease('second')).toMatchObject({ held: 'plan first', because: 'in-progress' });
    await begin(fence, 'job-1');
    expect(await lease('second')).toMatchObject({ held: 'job job-1', because: 'in-progress' });
    expect((await item()).State).toBe('Copying');
  });

  it('is granted again when a job has not started for two hours', async () => {
    await lease('first');
    clock.advance(2 * 3600 - 1);
    expect(await lease('second')).toHaveProperty('held');
    clock.advance(2);
    expect(await lease('second')).toMatchObject({ fence: 2 });
  });

  it('is granted again when a worker has not been heard of for ten minutes', async () => {
    await begin(fenceOf(await lease('first')), 'job-1');
    clock.advance(599);
    expect(await lease('second')).toHaveProperty('held');
    clock.advance(2);
    expect(await lease('second')).toMatchObject({ fence: 2 });
  });

  it('takes over a lease for an older digest of the same tag', async () => {
    const old = fenceOf(await lease('first'));
    await begin(old, 'job-1');
    const moved = { ...pair, source: { ...pair.source, digest: digestOf('the tag moved') } };
    const fence = fenceOf(await lease('second', moved));
    expect(fence).toBe(old + 1);
    expect(await renew(stack.copies, { ...pair, fence: old }, 'job-1', clock.now())).toBe(false);
    expect(await begin(fence, 'job-2', moved)).toBe('started');
  });

  it('may be repeated by the plan that has it, under the same number: so what is planned twice has one winner', async () => {
    const answers = await Promise.all([lease('first'), lease('first'), lease('first')]);
    expect(answers).toMatchObject([{ fence: 1 }, { fence: 1 }, { fence: 1 }]);
    const jobs = await Promise.all([begin(1, 'job-1'), begin(1, 'job-2'), begin(1, 'job-3')]);
    expect([...jobs].sort()).toEqual(['lost', 'lost', 'started']);
  });

  it('says since when a copy waits, and takes over from a plan that will have no job', async () => {
    const since = Math.floor(clock.now() / 1000) * 1000;
    await lease('first');
    clock.advance(1200);
    expect(await lease('second')).toMatchObject({ queued: { plan: 'first', since } });
    const abandoned = acquire(stack.copies, pair, 'second', clock.now(), 'first');
    expect(await abandoned).toMatchObject({ fence: 2 });
    await begin(2, 'job-2');
    expect(await lease('third')).not.toHaveProperty('queued');
  });

  it('does not wait for what no clock within five minutes can have said', async () => {
    const fence = fenceOf(await lease('first'));
    await start(stack.copies, { ...pair, fence }, 'job-1', clock.now() + 365 * 24 * 3600_000);
    expect(await lease('second')).toMatchObject({ fence: 2 });
  });

  it('may be repeated by a job by hand that plans under its own name, was killed and is tried again', async () => {
    await begin(fenceOf(await lease('job-1')), 'job-1');
    expect(await lease('job-2')).toMatchObject({ held: 'job job-1', because: 'in-progress' });
    const again = fenceOf(await lease('job-1'));
    expect(await begin(again, 'job-1')).toBe('started');
  });

  it('does not repeat a conflict for a day, unless the tag was freed', async () => {
    const fence = fenceOf(await lease('first'));
    await begin(fence, 'job-1');
    await record(stack.copies, ended('Conflict'), { fence, job: 'job-1' }, clock.now());
    const changed = { ...pair, why: 'changed' as const };
    expect(await lease('second', changed)).toMatchObject({
      held: 'destination: push: it went wrong',
      because: 'conflict',
    });
    expect(await lease('second', { ...changed, source: { ...pair.source, digest: digestOf('newer') } })).toHaveProperty(
      'fence',
    );
    await giveBack(stack.copies, { ...pair, fence: 2 });
    expect(await lease('third', pair)).toHaveProperty('fence');
  });

  it('tries a conflict again after a day', async () => {
    const fence = fenceOf(await lease('first'));
    await record(stack.copies, ended('Conflict'), { fence, job: 'job-1' }, clock.now());
    clock.advance(24 * 3600 + 1);
    expect(await lease('second', { ...pair, why: 'changed' })).toHaveProperty('fence');
  });
});

describe('starting', () => {
  it('is refused to a job whose lease went to another plan', async () => {
    const fence = fenceOf(await lease('first'));
    clock.advance(2 * 3600 + 1);
    await lease('second');
    expect(await begin(fence, 'job-1')).toBe('lost');
  });

  it('is granted to one of two jobs with the same fence, and again to that one', async () => {
    const fence = fenceOf(await lease('first'));
    const answers = await Promise.all([begin(fence, 'job-1'), begin(fence, 'job-2')]);
    expect([...answers].sort()).toEqual(['lost', 'started']);
    const winner = answers[0] === 'started' ? 'job-1' : 'job-2';
    expect(await begin(fence, winner)).toBe('started');
  });

  it('is granted to another job when the first was not heard of for ten minutes', async () => {
    const fence = fenceOf(await lease('first'));
    await begin(fence, 'job-1');
    clock.advance(601);
    expect(await begin(fence, 'job-2')).toBe('started');
    expect(await renew(stack.copies, { ...pair, fence }, 'job-1', clock.now())).toBe(false);
  });

  it('says when an attempt before has mirrored it', async () => {
    const fence = fenceOf(await lease('first'));
    await begin(fence, 'job-1');
    await record(stack.copies, ended('Mirrored'), { fence, job: 'job-1' }, clock.now());
    expect(await begin(fence, 'job-1')).toBe('mirrored');
  });

  it('is granted to the next attempt of a job that failed', async () => {
    const fence = fenceOf(await lease('first'));
    await begin(fence, 'job-1');
    await record(stack.copies, ended('Failed'), { fence, job: 'job-1' }, clock.now());
    expect(await begin(fence, 'job-1')).toBe('started');
  });
});

describe('holding', () => {
  it('lasts as long as it is renewed', async () => {
    const fence = fenceOf(await lease('first'));
    await begin(fence, 'job-1');
    for (let minute = 0; minute < 30; minute += 1) {
      clock.advance(60);
      expect(await renew(stack.copies, { ...pair, fence }, 'job-1', clock.now())).toBe(true);
    }
    expect(await lease('second')).toHaveProperty('held');
  });

  it('ends when it is given back, and whoever comes next may have it', async () => {
    const fence = fenceOf(await lease('first'));
    await begin(fence, 'job-1');
    await giveBack(stack.copies, { ...pair, fence });
    expect(await item()).toMatchObject({ State: 'Queued' });
    expect(await item()).not.toHaveProperty('Lease');
    expect(await lease('second')).toMatchObject({ fence: 2 });
  });

  it('is not given back for another', async () => {
    const fence = fenceOf(await lease('first'));
    clock.advance(2 * 3600 + 1);
    await lease('second');
    await giveBack(stack.copies, { ...pair, fence });
    expect(await lease('third')).toMatchObject({ held: 'plan second', because: 'in-progress' });
  });
});

describe('a job that was lost', () => {
  it('fails the copies that wait for it, and those that it worked on', async () => {
    const fence = fenceOf(await lease('first'));
    const copy = { ...pair, fence };
    expect(
      await recordEnded(stack.copies, copy, { error: 'out of memory', code: 'JOB_FAILED', job: 'job-1' }, clock.now()),
    ).toBe(true);
    expect(await item()).toMatchObject({ State: 'Failed', Error: 'out of memory', Failures: 1, Job: 'job-1' });
    expect(await lease('second')).toMatchObject({ fence: 2 });
    await begin(2, 'job-2');
    expect(
      await recordEnded(
        stack.copies,
        { ...pair, fence: 2 },
        { error: 'killed', code: 'JOB_FAILED', job: 'job-2' },
        clock.now(),
      ),
    ).toBe(true);
    expect(await item()).toMatchObject({ State: 'Failed', Error: 'killed', Failures: 2 });
  });

  it('fails a copy that its worker gave back when no attempt comes any more', async () => {
    const fence = fenceOf(await lease('first'));
    await begin(fence, 'job-1');
    await giveBack(stack.copies, { ...pair, fence });
    const lost = () =>
      recordEnded(
        stack.copies,
        { ...pair, fence },
        { error: 'timed out', code: 'JOB_FAILED', job: 'job-1' },
        clock.now(),
      );
    expect(await lost()).toBe(true);
    expect(await item()).toMatchObject({ State: 'Failed', Error: 'timed out' });
    expect(await lost()).toBe(false);
  });

  it('leaves a copy alone that was recorded, that another job works on, or that was leased since', async () => {
    const fence = fenceOf(await lease('first'));
    await begin(fence, 'job-1');
    const lost = () =>
      recordEnded(
        stack.copies,
        { ...pair, fence },
        { error: 'late news', code: 'JOB_FAILED', job: 'job-0' },
        clock.now(),
      );
    expect(await lost()).toBe(false);
    await record(stack.copies, ended('Mirrored'), { fence, job: 'job-1' }, clock.now());
    expect(await lost()).toBe(false);
    await lease('second');
    expect(await lost()).toBe(false);
    expect((await item()).State).toBe('Queued');
  });
});
