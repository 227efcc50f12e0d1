import { type CopyPair, copyKey } from '../../aws/copy-key';
import { get, type Item } from '../../aws/items';
import { acquire, giveBack, start } from '../../aws/leases';
import { recordEndedByHand } from '../../aws/losses';
import { explainWait, record, recordUnchanged } from '../../aws/outcomes';
import { readRowStatus, writeRowStatus } from '../../aws/row-items';
import type { Outcome } from '../../lib/model/outcome';
import { parseReference } from '../../lib/model/reference';
import { type Stack, standingClock, startStack } from './stack';
import { digestOf, imageAt } from './values';

let stack: Stack;
let clock: ReturnType<typeof standingClock>;
let number = 0;
let pair: CopyPair;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());
beforeEach(() => {
  clock = standingClock();
  number += 1;
  pair = {
    source: imageAt(`ghcr.io/org/tool${number}:1`),
    destination: parseReference(`registry.test/tool${number}:1`),
  };
});

const leased = async (plan = 'plan'): Promise<number> => {
  const answer = await acquire(stack.copies, { ...pair, why: 'missing' }, plan, clock.now());
  return 'fence' in answer ? answer.fence : 0;
};
const write = (fence: number, outcome: Partial<Outcome>) =>
  record(
    stack.copies,
    { ...pair, state: 'Mirrored', bytes: 5, seconds: 0.5, ...outcome },
    { fence, job: 'job' },
    clock.now(),
  );
const item = async (): Promise<Item> => (await get(stack.copies, copyKey(pair))) ?? {};

describe('an outcome', () => {
  it('says what the destination holds, since when, and what it took', async () => {
    const fence = await leased();
    expect(await write(fence, {})).toBe(true);
    expect(await item()).toEqual({
      Source: `ghcr.io/org/tool${number}:1`,
      Destination: `registry.test/tool${number}:1`,
      State: 'Mirrored',
      Digest: pair.source.digest,
      PushedDigest: pair.source.digest,
      SourceDigest: pair.source.digest,
      LastMirrored: '2026-01-01T00:00:00.000Z',
      LastChecked: '2026-01-01T00:00:00.000Z',
      Bytes: 5,
      Seconds: 0.5,
      Failures: 0,
      Fence: fence,
      Job: 'job',
    });
  });

  it('counts failures in a row, and keeps what the destination last held', async () => {
    await write(await leased(), {});
    clock.advance(3600);
    await write(await leased(), { state: 'Failed', error: 'source: pull: 503' });
    await write(await leased(), { state: 'Failed', error: 'source: pull: 503 again' });
    expect(await item()).toMatchObject({
      State: 'Failed',
      Failures: 2,
      Error: 'source: pull: 503 again',
      Digest: pair.source.digest,
      PushedDigest: pair.source.digest,
      LastMirrored: '2026-01-01T00:00:00.000Z',
      LastChecked: '2026-01-01T01:00:00.000Z',
    });
    await write(await leased(), {});
    expect(await item()).toMatchObject({ State: 'Mirrored', Failures: 0 });
    expect(await item()).not.toHaveProperty('Error');
  });

  it('is not written by a worker whose lease was taken over', async () => {
    const old = await leased('first');
    clock.advance(3 * 3600);
    await leased('second');
    expect(await write(old, {})).toBe(false);
    expect((await item()).State).toBe('Queued');
  });

  it('holds no control characters and no more than a table should', async () => {
    await write(await leased(), { state: 'Failed', error: `\u001b[31m${'x'.repeat(5000)}` });
    const { Error: error } = await item();
    expect(error).toHaveLength(1000);
    expect(error).not.toContain('\u001b');
  });
});

describe('an unchanged copy', () => {
  const see = () => recordUnchanged(stack.copies, [{ ...pair }, { ...pair }], clock.now());

  it('is written once', async () => {
    expect(await see()).toBe(1);
    expect(await item()).toMatchObject({ State: 'Mirrored', Digest: pair.source.digest });
    clock.advance(60);
    expect(await see()).toBe(0);
    expect((await item()).LastChecked).toBe('2026-01-01T00:00:00.000Z');
  });

  it('mends one that had failed', async () => {
    await write(await leased(), { state: 'Failed', error: 'no' });
    expect(await see()).toBe(1);
    expect(await item()).toMatchObject({ State: 'Mirrored', Failures: 0 });
  });

  it('leaves alone what a job has just been given', async () => {
    await leased();
    expect(await see()).toBe(0);
    expect((await item()).State).toBe('Queued');
  });

  it('is found among hundreds', async () => {
    const many = Array.from({ length: 230 }, (_, i) => ({
      source: imageAt(`ghcr.io/org/many${number}:${i}`),
      destination: parseReference(`registry.test/many${number}:${i}`),
    }));
    expect(await recordUnchanged(stack.copies, many, clock.now())).toBe(230);
    expect(await recordUnchanged(stack.copies, many, clock.now())).toBe(0);
  });
});

it('ends what a job took by hand, and nothing else', async () => {
  const fence = await leased('job-9');
  await start(stack.copies, { ...pair, fence }, 'job-9', clock.now());
  const { digest: _, ...source } = pair.source;
  const lost = (job: string) =>
    recordEndedByHand(
      stack.copies,
      { source, destination: pair.destination },
      { error: 'killed', code: 'JOB_FAILED', job },
      clock.now(),
    );
  expect(await lost('job-8')).toBe(false);
  expect(await lost('job-9')).toBe(true);
  expect(await item()).toMatchObject({ State: 'Failed', Error: 'killed' });
  const again = await leased('plan');
  expect(await lost('job-9')).toBe(false);
  await start(stack.copies, { ...pair, fence: again }, 'job-9', clock.now());
  await giveBack(stack.copies, { ...pair, fence: again });
  expect(await lost('job-9')).toBe(true);
});

it('says what a copy waits for, only while it waits', async () => {
  const fence = await leased();
  expect(await explainWait(stack.copies, { ...pair, fence }, 'the queue is blocked')).toBe(true);
  expect(await item()).toMatchObject({ State: 'Queued', Error: 'the queue is blocked' });
  await start(stack.copies, { ...pair, fence }, 'job', clock.now());
  expect(await explainWait(stack.copies, { ...pair, fence }, 'again')).toBe(false);
});

it('keeps one item for a tag that moves, and one for each pin', () => {
  const destination = parseReference('registry.test/app:1');
  const tagged = { source: imageAt('nginx:1', digestOf('a')), destination };
  const moved = { source: imageAt('nginx:1', digestOf('b')), destination };
  const pinned = { source: { repository: tagged.source.repository, digest: digestOf('a') }, destination };
  expect(copyKey(moved)).toEqual(copyKey(tagged));
  expect(copyKey(pinned).Source).toBe(`docker.io/library/nginx@${digestOf('a')}`);
});

describe('the item of a row', () => {
  const row = () => `Row ${number}`;
  const known = async () => (await readRowStatus(stack.copies, [row()])).get(row());
  const update = async (error: string | undefined, timed = false) =>
    writeRowStatus(stack.copies, row(), {
      ...(error === undefined ? {} : { problem: { state: 'Invalid', error, code: 'ROW_INVALID' } }),
      known: await known(),
      now: clock.now(),
      timed,
    });

  it('is written when a row is found wrong, and not again while it stays so', async () => {
    expect(await update('Destination: got nothing')).toBe(true);
    clock.advance(60);
    expect(await update('Destination: got nothing')).toBe(false);
    expect(await known()).toMatchObject({
      problem: { state: 'Invalid', error: 'Destination: got nothing', code: 'ROW_INVALID' },
    });
    expect(await update('Tags: got a number')).toBe(true);
  });

  it('is cleared when the row is mended', async () => {
    await update('Destination: got nothing');
    expect(await update(undefined)).toBe(true);
    expect(await update(undefined)).toBe(false);
    expect(await known()).not.toHaveProperty('problem');
  });

  it('is not made for a row that never was wrong', async () => {
    expect(await update(undefined)).toBe(false);
    expect(await known()).toBeUndefined();
  });

  it('keeps when the row was looked at, for its own schedule', async () => {
    await update(undefined, true);
    expect(await known()).toEqual({ lastChecked: Date.parse('2026-01-01T00:00:00Z') });
    clock.advance(60);
    await update(undefined, true);
    expect(await known()).toEqual({ lastChecked: Date.parse('2026-01-01T00:01:00Z') });
  });

  it('does not count a failed look', async () => {
    await update(undefined, true);
    clock.advance(60);
    const problem = { state: 'Failed', error: 'source: 503', code: 'REGISTRY_FAILED' } as const;
    await writeRowStatus(stack.copies, row(), { problem, known: await known(), now: clock.now(), timed: true });
    expect(await known()).toMatchObject({ problem, lastChecked: Date.parse('2026-01-01T00:00:00Z') });
  });
});
