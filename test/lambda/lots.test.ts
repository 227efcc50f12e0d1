import { startMirror, type TestMirror } from '../aws/mirror';

let mirror: TestMirror;
beforeEach(async () => {
  mirror = await startMirror();
});
afterEach(() => mirror.close());

const DESTINATION = 'destination.test/mirror/app';
const named = (key: string, more: Record<string, unknown>) => ({ Source: key, Destination: DESTINATION, ...more });
const tags = (...include: string[]) => ({ Tags: { Include: include } });
const calls = (operation: string) =>
  mirror.stack.endpoint.calls.filter((call) => call.service === 'dynamodb' && call.operation === operation);

describe('rows that are planned in different lots', () => {
  beforeEach(() => {
    mirror.rowsAtOnce = 1;
  });

  it('are both refused when one selects a tag that the other writes', async () => {
    for (const tag of ['1.0', '1.1', '2.0']) await mirror.publish('app', tag, tag);
    await mirror.publish('rival', '1.1', 'of the rival');
    await mirror.put(
      named('selects', { From: 'upstream.test/app', ...tags('1.*') }),
      named('names', { From: 'upstream.test/rival:1.1' }),
      named('elsewhere', { From: 'upstream.test/app:2.0' }),
    );
    const reply = await mirror.call({});
    expect(reply).toMatchObject({ rows: 3, copies: 2, skipped: { contested: 2 } });
    const errors = (await mirror.copies()).flatMap(({ Source, State, Error: why }) =>
      State === 'Invalid' ? [`${Source}: ${why}`] : [],
    );
    expect(errors.sort()).toEqual([
      `names: ${DESTINATION}:1.1 is also written by selects; one row for each destination would do`,
      `selects: ${DESTINATION}:1.1 is also written by names; one row for each destination would do`,
    ]);
  });

  it('are both refused the tags that both select', async () => {
    for (const [name, tag] of [
      ['app', '1'],
      ['app', '2'],
      ['rival', '2'],
      ['rival', '3'],
    ] as const) {
      await mirror.publish(name, tag, `${name} ${tag}`);
    }
    await mirror.put(
      named('low', { From: 'upstream.test/app', ...tags('1', '2') }),
      named('high', { From: 'upstream.test/rival', ...tags('2', '3') }),
    );
    expect(await mirror.call({})).toMatchObject({ copies: 2, skipped: { contested: 2 } });
    expect(await mirror.call({ sources: ['high'] })).toMatchObject({ rows: 1, skipped: { contested: 1 } });
  });

  describe('and want the same image at the same place', () => {
    const APP = 'upstream.test/app';
    const item = (tag: string) => mirror.copy(`${APP}:${tag}`, `${DESTINATION}:${tag}`);
    const states = async (key = 'State') =>
      (await mirror.copies()).flatMap((one) => (one.Destination === '-' ? [] : [one[key]]));

    beforeEach(async () => {
      for (const tag of ['1', '2', '3']) await mirror.publish('app', tag, tag);
    });

    it('have it copied once, for both of them', async () => {
      await mirror.put(
        named('low', { From: APP, ...tags('1', '2') }),
        named('high', { From: APP, ...tags('2', '3') }),
        named('one', { From: `${APP}:2` }),
      );
      expect(await mirror.call({})).toMatchObject({ rows: 3, copies: 3, jobs: ['job-0'], skipped: {} });
      const { Rows } = (await item('2')) ?? {};
      expect([...(Rows as string[])].sort()).toEqual(['high', 'low', 'one']);
      mirror.destination.forgetRequests();
      await mirror.runSubmitted();
      const pushed = mirror.destination.requests.filter((one) => one.method === 'PUT' && one.kind === 'manifest');
      expect(pushed).toHaveLength(3);
      expect(await states()).toEqual(['Mirrored', 'Mirrored', 'Mirrored']);
      expect(await mirror.call({})).toMatchObject({ copies: 0, skipped: { 'up-to-date': 5 } });
      expect(await states('Failures')).toEqual([0, 0, 0]);
    });

    it('have it mirrored until the last of them expires', async () => {
      const soon = mirror.clock.now() / 1000 + 3600;
      await mirror.put(named('short', { From: `${APP}:1`, Expires: soon }), named('long', { From: `${APP}:1` }));
      mirror.clock.advance(2 * 3600);
      expect(await mirror.call({})).toMatchObject({ copies: 1, skipped: { expired: 1 } });
      expect((await item('1'))?.Rows).toEqual(['long']);
    });

    it('have it wait for as long as one of them asks, also when only the other is mirrored', async () => {
      await mirror.put(named('old', { From: `${APP}:1`, MinAge: '3d' }), named('any', { From: APP, ...tags('1') }));
      expect(await mirror.call({ sources: ['any'] })).toMatchObject({ copies: 0, skipped: { 'too-young': 1 } });
      mirror.clock.advance(3 * 86_400);
      expect(await mirror.call({ sources: ['any'] })).toMatchObject({ copies: 1 });
    });

    it('have it refused for want of a signature that one of them asks for', async () => {
      const RequireSignature = { Identity: 'me@example.com', Issuer: 'https://issuer.example.com' };
      await mirror.put(named('signed', { From: `${APP}:1`, RequireSignature }), named('any', { From: `${APP}:1` }));
      expect(await mirror.call({ sources: ['any'] })).toMatchObject({ copies: 1 });
      await mirror.runSubmitted();
      expect(await item('1')).toMatchObject({ State: 'Quarantined' });
    });

    it('are both refused when they do not want the same of it', async () => {
      await mirror.put(
        named('all', { From: `${APP}:1` }),
        named('part', { From: APP, ...tags('1', '2'), Platforms: ['linux/amd64'] }),
      );
      const reply = await mirror.call({});
      expect(reply).toMatchObject({ copies: 1, skipped: { contested: 2 } });
      expect(reply.notes.map(({ detail }: { detail: string }) => detail.replace(/.* written by /, '')).sort()).toEqual([
        'all with other platforms; the same in both, or one row for each destination, would do',
        'part with other platforms; the same in both, or one row for each destination, would do',
      ]);
    });
  });

  it('ask one question of a source once', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(
      ...['a', 'b', 'c'].map((name) => ({
        Source: name,
        From: 'upstream.test/app:1',
        Destination: `destination.test/mirror/${name}`,
      })),
    );
    mirror.upstream.forgetRequests();
    expect(await mirror.call({})).toMatchObject({ rows: 3, copies: 3, jobs: ['job-0'] });
    expect(mirror.upstream.requests.filter(({ kind }) => kind === 'manifest')).toHaveLength(1);
  });
});

describe('a run over all rows', () => {
  it('asks for no item of a copy or a row by itself when nothing has changed', async () => {
    for (const name of ['a', 'b', 'c']) {
      await mirror.publish(name, '1', name);
      await mirror.put({ Source: `upstream.test/${name}:1`, Destination: `destination.test/mirror/${name}` });
    }
    await mirror.call({});
    await mirror.runSubmitted();
    const before = { read: calls('BatchGetItem').length, written: calls('UpdateItem').length };
    expect(await mirror.call({})).toMatchObject({ skipped: { 'up-to-date': 3 } });
    expect({ read: calls('BatchGetItem').length, written: calls('UpdateItem').length }).toEqual(before);
  });

  it('submits more than a job’s worth in several jobs, and counts a row that selects tags as many', async () => {
    mirror.rowsAtOnce = 400;
    for (const name of ['a', 'b', 'c', 'd']) {
      await mirror.publish(name, '1', name);
      await mirror.put({
        Source: `upstream.test/${name}`,
        ...tags('*'),
        Destination: `destination.test/mirror/${name}`,
      });
    }
    // Two lots of two rows: time runs out before the second.
    mirror.remaining = [900_000, 0];
    expect(await mirror.call({})).toMatchObject({ rows: 2, copies: 2, continued: true });
    expect(await mirror.call(mirror.handedOver[0])).toMatchObject({ rows: 2, copies: 2, continued: false });
  });
});

describe('a changed row', () => {
  const changed = (Source: string) => ({
    Records: [{ eventName: 'MODIFY', dynamodb: { Keys: { Source: { S: Source } } } }],
  });

  it.each([
    ['a text', DESTINATION],
    ['one of several in a text', `destination.test/other:9, ${DESTINATION}:1`],
    ['a list', ['destination.test/other', DESTINATION]],
    ['a set', new Set([`${DESTINATION}:1`])],
  ])('is refused a destination that another row gives as %s', async (_, Destination) => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(named('mine', { From: 'upstream.test/app:1' }), {
      Source: 'rival',
      From: 'upstream.test/rival:1',
      Destination,
    });
    expect(await mirror.call(changed('mine'))).toMatchObject({ rows: 1, copies: 0, skipped: { contested: 1 } });
  });

  it('is refused a destination that the mapping gives to another row', async () => {
    await mirror.publish('app', '1', 'a');
    mirror.mapping = { registry: 'destination.test', aliases: { 'upstream.test': 'up' } };
    await mirror.put(
      { Source: 'upstream.test/team/app:1' },
      { Source: 'mine', From: 'upstream.test/app:1', Destination: 'destination.test/mirror/up/team/app' },
    );
    expect(await mirror.call(changed('mine'))).toMatchObject({ copies: 0, skipped: { contested: 1 } });
  });

  it('has only those rows sent that may write what it writes', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(
      named('mine', { From: 'upstream.test/app:1' }),
      ...Array.from({ length: 50 }, (_, number) => ({
        Source: `upstream.test/other-${number}:1`,
        Destination: `destination.test/mirror/other-${number}`,
      })),
    );
    expect(await mirror.call(changed('mine'))).toMatchObject({ rows: 1, copies: 1 });
    const [scan] = calls('Scan');
    expect(scan?.input).toMatchObject({ FilterExpression: expect.stringContaining('contains'), ConsistentRead: true });
    expect(JSON.stringify(scan?.input)).toContain('"app"');
  });
});
