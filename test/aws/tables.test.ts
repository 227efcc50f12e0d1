import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Item } from '../../aws/items';
import { pages, readRow } from '../../aws/mirror-table';
import { writeRun } from '../../aws/runs';
import { readWorkList, writeWorkList } from '../../aws/work-lists';
import { type Stack, standingClock, startStack } from './stack';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const put = (item: Item) => stack.mirrors.documents.send(new PutCommand({ TableName: 'mirrors', Item: item }));

async function collect(work: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const text of work) found.push(text);
  return found;
}

describe('rows', () => {
  const names = Array.from({ length: 23 }, (_, i) => `docker.io/library/app${i}:1`);
  beforeAll(() => Promise.all(names.map((Source) => put({ Source, Destination: 'registry.test/app' }))));

  it('come in pages, all of them, once', async () => {
    const sizes: number[] = [];
    const sources: unknown[] = [];
    for await (const page of pages(stack.mirrors, { limit: 10 })) {
      sizes.push(page.rows.length);
      sources.push(...page.rows.map(({ Source }) => Source));
    }
    expect(Math.max(...sizes)).toBe(10);
    expect([...sources].sort()).toEqual([...names].sort());
  });

  it('go on from where another reader left off', async () => {
    const first = pages(stack.mirrors, { limit: 10 });
    const { value } = await first.next();
    const from = JSON.parse(JSON.stringify(value?.next));
    const rest: unknown[] = [];
    for await (const page of pages(stack.mirrors, { limit: 10, from })) rest.push(...page.rows);
    expect(rest).toHaveLength(13);
  });

  it('are found by their source', async () => {
    expect(await readRow(stack.mirrors, names[3] ?? '')).toMatchObject({ Destination: 'registry.test/app' });
    expect(await readRow(stack.mirrors, 'nothing')).toBeUndefined();
  });

  it('may hold any number and any type in columns of their own', async () => {
    await stack.mirrors.documents.send(
      new PutCommand({
        TableName: 'mirrors',
        Item: {
          Source: 'odd',
          Expires: 2000000000,
          Extra: 12345678901234567890n,
          Set: new Set(['a']),
          Raw: Buffer.from('x'),
        },
      }),
    );
    expect(await readRow(stack.mirrors, 'odd')).toMatchObject({ Expires: 2000000000, Set: new Set(['a']) });
  });
});

describe('a work list', () => {
  const clock = standingClock();

  it('is read whole, in order, by group', async () => {
    const chunks = [0, 1, 2].flatMap((group) =>
      Array.from({ length: 12 }, (_, chunk) => ({ group, chunk, text: `${group}/${chunk}` })),
    );
    await writeWorkList(stack.copies, 'plan-1', chunks, clock);
    expect(await collect(readWorkList(stack.copies, 'plan-1', 1))).toEqual(
      Array.from({ length: 12 }, (_, chunk) => `1/${chunk}`),
    );
    expect(await collect(readWorkList(stack.copies, 'plan-1', 'all'))).toHaveLength(36);
    expect(await collect(readWorkList(stack.copies, 'plan-1', 3))).toEqual([]);
    expect(await collect(readWorkList(stack.copies, 'plan-2', 0))).toEqual([]);
  });

  it('is read whole when it is larger than one answer of DynamoDB', async () => {
    const text = 'x'.repeat(300 * 1024);
    await writeWorkList(
      stack.copies,
      'large',
      [0, 1, 2, 3, 4].map((chunk) => ({ group: 0, chunk, text })),
      clock,
    );
    const found = await collect(readWorkList(stack.copies, 'large', 0));
    expect(found.map(({ length }) => length)).toEqual(Array(5).fill(text.length));
  });

  it('is written whole when DynamoDB leaves items out', async () => {
    const slow = await throttled(3);
    await writeWorkList(
      slow.copies,
      'slow',
      Array.from({ length: 30 }, (_, chunk) => ({ group: 0, chunk, text: 'x' })),
      clock,
    );
    expect(await collect(readWorkList(slow.copies, 'slow', 0))).toHaveLength(30);
    await slow.close();
  });

  it('fails when DynamoDB never takes the rest', async () => {
    const stuck = await throttled(Number.POSITIVE_INFINITY);
    const writing = writeWorkList(stuck.copies, 'never', [{ group: 0, chunk: 0, text: 'x' }], clock);
    await expect(writing).rejects.toThrow('1 items left unwritten after 10 attempts');
    await stuck.close();
  });
});

/** A stack whose DynamoDB leaves the last item of a batch unprocessed so many times. */
function throttled(times: number): Promise<Stack> {
  let left = times;
  return startStack(
    {},
    {
      dynamoDb: (real) => async (call) => {
        if (call.operation !== 'BatchWriteItem' || left <= 0) return real(call);
        left -= 1;
        const requests = (call.input.RequestItems as Record<string, never[]>).copies ?? [];
        const taken = requests.slice(0, -1);
        if (taken.length > 0) await real({ ...call, input: { RequestItems: { copies: taken } } });
        return { output: { UnprocessedItems: { copies: requests.slice(-1) } } };
      },
    },
  );
}

it('keeps what a run covered for a month', async () => {
  await writeRun(stack.copies, {
    id: 'run-1',
    started: Date.parse('2026-01-01T00:00:00Z'),
    finished: Date.parse('2026-01-01T00:00:10Z'),
    trigger: 'schedule',
    rows: 3,
    copies: 1,
    skipped: { 'up-to-date': 2 },
    jobs: ['job-1'],
    errors: [],
  });
  const { Item: found } = await stack.copies.documents.send(
    new GetCommand({ TableName: 'copies', Key: { Source: 'run', Destination: '2026-01-01T00:00:00.000Z#run-1' } }),
  );
  expect(found).toMatchObject({ Rows: 3, Skipped: { 'up-to-date': 2 }, Jobs: ['job-1'], Expires: 1769817610 });
});
