import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { tableSightings } from '../../aws/sightings';
import { parseDigest } from '../../lib/model/digest';
import { describeSightings } from '../suites/sightings';
import { type Stack, startStack } from './stack';

const DAY = 86_400_000;
const A = parseDigest(`sha256:${'a'.repeat(64)}`);
const Source = 'ghcr.io/org/app:1';
const now = Date.parse('2026-01-01T00:00:00Z');
const look = { name: Source, digest: A, held: [], least: 60, most: 60 };

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

describeSightings('sightings in the table of copies', {
  open: async ({ lookOnly } = {}) => tableSightings(stack.copies, lookOnly),
});

const item = async () => {
  const Key = { Source, Destination: 'seen' };
  return (await stack.copies.documents.send(new GetCommand({ TableName: 'copies', Key, ConsistentRead: true }))).Item;
};

describe('the item of a reference', () => {
  it('is written once, and again when half of its life is over', async () => {
    const sightings = tableSightings(stack.copies);
    await sightings.note([look], now);
    const written = await item();
    expect(written).toEqual({
      Source,
      Destination: 'seen',
      Seen: [{ Digest: A, Since: '2026-01-01T00:00:00.000Z' }],
      Version: 1,
      Expires: now / 1000 + 200 * 86_400,
    });
    await sightings.note([look], now + 99 * DAY);
    expect(await item()).toEqual(written);
    await sightings.note([look], now + 101 * DAY);
    expect(await item()).toEqual({ ...written, Version: 2, Expires: now / 1000 + 301 * 86_400 });
  });

  it('is begun anew where somebody has written what makes no sense', async () => {
    const spoilt = {
      Source,
      Destination: 'seen',
      Seen: [{ Digest: 'x', Since: 'then' }, 5, { Digest: A }],
      Version: 7,
    };
    await stack.copies.documents.send(new PutCommand({ TableName: 'copies', Item: spoilt }));
    expect(await tableSightings(stack.copies).note([look], now)).toEqual([[{ digest: A, since: now }]]);
    expect(await item()).toMatchObject({ Version: 8, Seen: [{ Digest: A }] });
  });
});
