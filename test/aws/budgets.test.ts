import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { tableLedger } from '../../aws/budgets';
import { budgetLimiter } from '../../engine/limiter';
import { systemClock } from '../../engine/ports';
import { openBudget } from '../../lib/model/budget';
import { PUT } from '../engine/pushers';
import { describeLedger } from '../suites/ledger';
import { type Stack, startStack } from './stack';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

describeLedger('the table of copies', () => tableLedger(stack.copies));

const item = async (Source: string) => {
  const answer = await stack.copies.documents.send(
    new GetCommand({ TableName: 'copies', Key: { Source, Destination: '-' }, ConsistentRead: true }),
  );
  return answer.Item;
};

describe('a budget in the table of copies', () => {
  it('is an item of its own kind, gone a day after its last use', async () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    await tableLedger(stack.copies).restart('1#r#PutImage', undefined, openBudget(10, now));
    expect(await item('rate#1#r#PutImage')).toMatchObject({ Rate: 9.7, Steps: 0, Expires: now / 1000 + 24 * 3600 });
  });

  it('is shared by all limiters that use the table', async () => {
    const limiters = [0, 1, 2].map(() => budgetLimiter({ ledger: tableLedger(stack.copies), clock: systemClock }));
    await Promise.all(limiters.flatMap((limiter) => [limiter.admit(PUT), limiter.admit(PUT)]));
    await Promise.all(limiters.map((limiter) => limiter.close()));
    const found = await item('rate#123456789012#us-east-1#PutImage');
    // Six were taken, from half a second before the first.
    expect(Number(found?.Next) - Number(found?.Since)).toBeGreaterThanOrEqual(Math.floor(6000 / 9.7) - 500);
  });

  it('keeps nobody from pushing when the table does not answer, and says so', async () => {
    const broken = { name: 'no-such-table', documents: stack.copies.documents };
    const troubles: string[] = [];
    const limiter = budgetLimiter({
      ledger: tableLedger(broken),
      clock: systemClock,
      onTrouble: (quota, cause) => troubles.push(`${quota} ${(cause as Error).name}`),
    });
    expect(await limiter.admit(PUT)).toBeDefined();
    expect(troubles).toEqual(['123456789012#us-east-1#PutImage ResourceNotFoundException']);
    await limiter.close();
  });
});
