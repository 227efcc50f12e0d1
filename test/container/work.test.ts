import { copyKey, fencedPairs } from '../../aws/copy-key';
import { get } from '../../aws/items';
import { acquire } from '../../aws/leases';
import { readWorkList, writeWorkList } from '../../aws/work-lists';
import { exitCodeForError } from '../../container/work';
import { reason } from '../../engine/errors';
import type { Copy } from '../../lib/model/copy';
import { InvalidValue } from '../../lib/model/invalid';
import { parseReference } from '../../lib/model/reference';
import { formatWork, parseWork } from '../../lib/model/work';
import { startMirror, type TestMirror } from '../aws/mirror';

let mirror: TestMirror;
beforeEach(async () => {
  mirror = await startMirror();
});
afterEach(() => mirror.close());

const row = (name: string) => ({
  Source: `upstream.test/${name}:1`,
  Destination: `destination.test/mirror/${name}`,
});
const to = (name: string) => `destination.test/mirror/${name}:1`;
const job = (group = 0) => ({ kind: 'plan', plan: mirror.submitted[0]?.parameters.plan ?? '', group }) as const;
const item = (name: string) => mirror.copy(`upstream.test/${name}:1`, to(name));

/** Rows that are planned, and what their job is to do. */
async function plan(...names: string[]): Promise<Copy[]> {
  for (const name of names) await mirror.publish(name, '1', name);
  await mirror.put(...names.map(row));
  await mirror.call({});
  const copies: Copy[] = [];
  for await (const text of readWorkList(mirror.stack.copies, job().plan, 'all')) copies.push(...parseWork(text));
  return copies;
}

/** Puts other work where a plan's was: what somebody might submit by himself. */
async function forge(copies: readonly Copy[]): Promise<void> {
  const chunks = formatWork(copies).map((text, chunk) => ({ group: 0, chunk, text }));
  await writeWorkList(mirror.stack.copies, 'forged', chunks, mirror.clock);
}
const forged = { kind: 'plan', plan: 'forged', group: 0 } as const;

describe('the job of a plan', () => {
  it('copies its group, records each copy and ends its leases', async () => {
    await plan('a', 'b');
    expect(await mirror.run(job(), 'job-0')).toBe(0);
    for (const name of ['a', 'b']) {
      const found = await item(name);
      expect(found).toMatchObject({ State: 'Mirrored', Job: 'job-0', Failures: 0 });
      expect(found).not.toHaveProperty('Lease');
    }
    expect(mirror.logged.filter(({ event }) => event === 'copy').map(({ fields }) => fields.state)).toEqual([
      'Mirrored',
      'Mirrored',
    ]);
  });

  it('fails the copies whose source went away, does the others, and exits with 1', async () => {
    await plan('a', 'b');
    mirror.upstream.state.repositories.delete('a');
    expect(await mirror.run(job(), 'job-0')).toBe(1);
    expect(await item('a')).toMatchObject({ State: 'Failed', Failures: 1, Error: expect.stringContaining('source') });
    expect(await item('b')).toMatchObject({ State: 'Mirrored' });
  });

  it('does in a second attempt only what the first did not', async () => {
    await plan('a', 'b');
    expect(await mirror.run(job(), 'job-0')).toBe(0);
    mirror.upstream.forgetRequests();
    expect(await mirror.run(job(), 'job-0')).toBe(0);
    expect(mirror.upstream.requests).toEqual([]);
    expect(mirror.logged.filter(({ event }) => event === 'left-alone')).toHaveLength(2);
  });

  it('leaves a copy alone that another plan has by now, and that is no failure', async () => {
    await plan('a');
    mirror.clock.advance(3 * 3600);
    await mirror.call({});
    expect(await mirror.run(job(), 'job-0')).toBe(0);
    expect(await item('a')).toMatchObject({ State: 'Queued', Fence: 2 });
    expect(await mirror.run({ ...job(), plan: mirror.submitted[1]?.parameters.plan ?? '' }, 'job-1')).toBe(0);
    expect(await item('a')).toMatchObject({ State: 'Mirrored' });
  });

  it('moves no tag once its lease was taken over', async () => {
    const [copy] = (await plan('a')) as [Copy];
    const [pair] = fencedPairs([copy]);
    if (pair === undefined) throw new Error('no lease');
    mirror.upstream.intercept(() => {
      // The worker is slow: its lease lapses while it reads, and another plan comes.
      mirror.clock.advance(400);
      return undefined;
    });
    mirror.destination.intercept(({ method }) => {
      if (method === 'PUT')
        taken ??= acquire(mirror.stack.copies, { ...pair, why: 'missing' }, 'rival', mirror.clock.now());
      return undefined;
    });
    let taken: ReturnType<typeof acquire> | undefined;
    expect(await mirror.run(job(), 'job-0')).toBe(0);
    expect(await taken).toMatchObject({ fence: 2 });
    expect(mirror.destination.state.repositories.get('mirror/a')?.tags.has('1')).toBe(false);
    expect(await item('a')).toMatchObject({ State: 'Queued', Lease: { Plan: 'rival' } });
  });

  it('gives back what it has not done when it is told to stop, and asks to be run again', async () => {
    await plan('a', 'b', 'c');
    const stop = new AbortController();
    mirror.upstream.intercept(({ method }) => {
      if (method === 'GET') stop.abort(new DOMException('told to stop', 'AbortError'));
      return undefined;
    });
    expect(await mirror.run(job(), 'job-0', stop.signal)).toBe(75);
    for (const name of ['a', 'b', 'c']) {
      const found = await item(name);
      expect(found).toMatchObject({ State: 'Queued' });
      expect(found).not.toHaveProperty('Lease');
    }
    mirror.upstream.intercept(undefined);
    expect(await mirror.run(job(), 'job-0')).toBe(0);
    expect(await item('c')).toMatchObject({ State: 'Mirrored' });
  });

  it('refuses each copy that is not allowed, although it was submitted', async () => {
    const [copy] = (await plan('a')) as [Copy];
    const [destination] = copy.destinations;
    if (destination === undefined) throw new Error('no destination');
    await forge([{ ...copy, destinations: [{ reference: parseReference('stranger.test/app:1'), why: 'missing' }] }]);
    expect(await mirror.run(forged, 'job-9')).toBe(77);
    expect(mirror.logged).toContainEqual({
      event: 'copy',
      fields: expect.objectContaining({ state: 'Failed', error: expect.stringContaining('stranger.test') }),
    });
    mirror.permissions = { ...mirror.permissions, sources: ['docker.io/**'] };
    expect(await mirror.run(job(), 'job-0')).toBe(77);
    expect(await item('a')).toMatchObject({ State: 'Failed', Error: expect.stringContaining('not allowed') });
    expect(mirror.destination.state.repositories.has('mirror/a')).toBe(false);
  });

  it('says when there is no such plan', async () => {
    const running = mirror.run({ kind: 'plan', plan: 'nothing', group: 3 }, 'job-0');
    await expect(running).rejects.toThrow('plan: got "nothing"; one with work for group 3 would do');
    const error = await running.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidValue);
    expect(exitCodeForError(error, { log: () => undefined })).toBe(64);
    expect(reason(error)).not.toContain('\n');
  });
});

describe('an image by hand', () => {
  const byHand = (source: string, ...destinations: string[]) =>
    mirror.run(
      {
        kind: 'single',
        source: parseReference(source),
        destinations: destinations.map((text) => parseReference(text)),
      },
      'job-7',
    );

  it('goes to all its destinations, each recorded', async () => {
    const digest = await mirror.publish('app', '1', 'a');
    expect(await byHand('upstream.test/app:1', 'destination.test/x:1', 'destination.test/y:2')).toBe(0);
    for (const destination of ['destination.test/x:1', 'destination.test/y:2']) {
      expect(await mirror.copy('upstream.test/app:1', destination)).toMatchObject({
        State: 'Mirrored',
        Digest: digest,
      });
    }
    expect(await byHand('upstream.test/app:1', 'destination.test/x:1')).toBe(0);
    expect(mirror.logged).toContainEqual({
      event: 'skipped',
      fields: expect.objectContaining({ reason: 'up-to-date' }),
    });
  });

  it('may be named by its digest, with a tag or without, and go to a tag of its own', async () => {
    const digest = await mirror.publish('app', '1', 'a');
    const kept = `destination.test/x:${digest.replace(':', '.')}`;
    expect(await byHand(`upstream.test/app@${digest}`, 'destination.test/x:by-digest', kept)).toBe(0);
    expect(await byHand(`upstream.test/app:1@${digest}`, 'destination.test/y:both')).toBe(0);
    const { repositories } = mirror.destination.state;
    const tags = (name: string) => [...(repositories.get(name)?.tags.keys() ?? [])].sort();
    expect(tags('x')).toEqual(['by-digest', digest.replace(':', '.')]);
    expect(tags('y')).toEqual(['both']);
  });

  it('takes the place of another under its tag', async () => {
    await mirror.publish('app', '1', 'a');
    expect(await byHand('upstream.test/app:1', 'destination.test/x:1')).toBe(0);
    const digest = await mirror.publish('app', '1', 'b');
    expect(await byHand('upstream.test/app:1', 'destination.test/x:1')).toBe(0);
    expect(mirror.destination.state.repositories.get('x')?.tags.get('1')).toBe(digest);
  });

  it('is refused where it is not allowed to go', async () => {
    await mirror.publish('app', '1', 'a');
    expect(await byHand('upstream.test/app:1', 'stranger.test/x:1')).toBe(77);
  });

  it('that is not there, or whose registry does not answer, ends with the code for that', async () => {
    expect(await byHand('upstream.test/none:1', 'destination.test/x:1')).toBe(64);
    expect(await byHand('gone.test/app:1', 'destination.test/x:1')).toBe(69);
  });

  it('waits for nothing that another has under way', async () => {
    await plan('a');
    expect(await byHand('upstream.test/a:1', to('a'))).toBe(0);
    expect(mirror.logged).toContainEqual({
      event: 'skipped',
      fields: expect.objectContaining({ reason: 'in-progress' }),
    });
    const key = copyKey({ source: parseReference('upstream.test/a:1'), destination: parseReference(to('a')) });
    expect(await get(mirror.stack.copies, key)).toMatchObject({ State: 'Queued' });
  });
});
