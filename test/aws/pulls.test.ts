import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { tablePulls } from '../../aws/pulls';
import { systemClock } from '../../engine/ports';
import { Pulls } from '../../engine/pulls';
import { describePullLedger } from '../suites/pull-ledger';
import { type Stack, startStack } from './stack';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

describePullLedger('the table of copies', () => tablePulls(stack.copies));

const headers = (remaining: number) => ({
  'ratelimit-limit': '100;w=21600',
  'ratelimit-remaining': `${remaining};w=21600`,
  'docker-ratelimit-source': '203.0.113.7',
});
const GET = { registry: 'docker.io', method: 'GET', kind: 'manifest' };

describe('pulls in the table of copies', () => {
  it('are an item of their own kind for each who is counted, gone two windows after the last word', async () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    const source = '203.0.113.7';
    await tablePulls(stack.copies).hear(
      { registry: 'hub.example', source },
      { limit: 100, remaining: 7, window: 21_600, source },
      now,
    );
    const { Item } = await stack.copies.documents.send(
      new GetCommand({ TableName: 'copies', Key: { Source: 'rate#pulls#hub.example', Destination: source } }),
    );
    expect(Item).toMatchObject({ Limit: 100, Window: 21_600, Left: 7, Expires: now / 1000 + 2 * 21_600 });
  });

  it('are shared by all processes that use the table', async () => {
    const processes = [0, 1, 2].map(() => new Pulls({ pulls: tablePulls(stack.copies), clock: systemClock }));
    for (const pulls of processes) pulls.heard(GET, 'docker.io/library/app', { status: 200, headers: headers(15) });
    const ended = await Promise.allSettled(processes.flatMap((pulls) => [1, 2, 3].map(() => pulls.admit(GET))));
    // Ten of a hundred are kept for people.
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect((await processes[0]?.read('docker.io'))?.get('203.0.113.7')?.left).toBe(10);
  });

  it('are counted by each process for itself while the table does not answer, and that is said', async () => {
    const troubles: string[] = [];
    const pulls = new Pulls({
      pulls: tablePulls({ name: 'no-such-table', documents: stack.copies.documents }),
      clock: systemClock,
      onTrouble: (what, cause) => troubles.push(`${what} ${(cause as Error).name}`),
    });
    pulls.heard(GET, 'docker.io/library/app', { status: 200, headers: headers(12) });
    await pulls.admit(GET);
    await pulls.admit(GET);
    await expect(pulls.admit(GET)).rejects.toThrow(
      'docker.io: 10 of 100 pulls in 6 h are left to 203.0.113.7, 10 of them',
    );
    expect(troubles[0]).toBe('docker.io ResourceNotFoundException');
  });
});
