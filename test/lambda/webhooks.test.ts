import { WebhookAttribute } from '../../lib/model/webhook';
import { startMirror, type TestMirror } from '../aws/mirror';

let mirror: TestMirror;
beforeEach(async () => {
  mirror = await startMirror();
});
afterEach(() => mirror.close());

const row = (name: string, more: Record<string, unknown> = {}) => ({
  Source: `upstream.test/${name}:1`,
  Destination: `destination.test/mirror/${name}`,
  ...more,
});
const pushed = (name: string, tag = '1', registry = 'upstream.test') => ({ registry, repository: name, tag });
/** What the stream of the table of webhooks tells. */
const records = (...webhooks: object[][]) => ({
  Records: webhooks.map((pushes, index) => ({
    eventName: 'INSERT',
    dynamodb: {
      Keys: { [WebhookAttribute.ID]: { S: `${index}` } },
      NewImage: {
        [WebhookAttribute.ID]: { S: `${index}` },
        [WebhookAttribute.PUSHES]: { S: JSON.stringify(pushes) },
        [WebhookAttribute.EXPIRES]: { N: '1' },
      },
    },
  })),
});

describe('webhooks that were taken', () => {
  it('have just the rows looked at that mirror what was pushed', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.publish('tool', '1', 'b');
    await mirror.put(row('app'), row('tool'));
    expect(await mirror.call(records([pushed('app')]))).toMatchObject({ trigger: 'webhook', rows: 1, copies: 1 });
    expect(await mirror.runSubmitted()).toEqual([0]);
    expect(await mirror.copy('upstream.test/tool:1', 'destination.test/mirror/tool:1')).toBeUndefined();
  });

  it('find rows that select tags', async () => {
    await mirror.publish('app', '1.2.3', 'a');
    await mirror.put({
      Source: 'upstream.test/app',
      Tags: { Include: ['1.*'] },
      Destination: 'destination.test/mirror/app',
    });
    expect(await mirror.call(records([pushed('app', '2.0.0')]))).toMatchObject({ ignored: expect.anything() });
    expect(await mirror.call(records([pushed('app', '1.2.3')]))).toMatchObject({ rows: 1, copies: 1 });
  });

  it('find no row for an image that is not registered: another tag, repository or registry', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    for (const push of [pushed('app', '2'), pushed('team/app'), pushed('app', '1', 'destination.test')]) {
      expect(await mirror.call(records([push]))).toEqual({ ignored: expect.stringMatching(/^no row mirrors/) });
    }
    expect(mirror.submitted).toEqual([]);
  });

  it('are one run when the same was pushed again and again', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
    const storm = Array.from({ length: 100 }, () => [pushed('app')]);
    expect(await mirror.call(records(...storm))).toMatchObject({ rows: 1, copies: 1 });
    expect(await mirror.call(records(...storm))).toMatchObject({ copies: 0, skipped: { 'in-progress': 1 } });
    expect(mirror.submitted).toHaveLength(1);
  });

  it('do not wait for the schedule of a row', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app', { Every: '1d' }));
    await mirror.call({});
    await mirror.runSubmitted();
    await mirror.publish('app', '1', 'b');
    expect(await mirror.call({})).toMatchObject({ copies: 0, skipped: { 'not-due': 1 } });
    expect(await mirror.call(records([pushed('app')]))).toMatchObject({ copies: 1 });
  });

  it('are no news when they are forgotten', async () => {
    const { Records } = records([pushed('app')]);
    const gone = Records.map(({ dynamodb: { Keys } }) => ({ eventName: 'REMOVE', dynamodb: { Keys } }));
    expect(await mirror.call({ Records: gone })).toMatchObject({ ignored: expect.anything() });
  });
});
