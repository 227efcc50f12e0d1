import { type Copier, ours } from './copier';
import type { Fault } from './fault';
import { type Result, run } from './matrix';
import { at } from './target';
import { ALWAYS } from './when';
import type { World } from './world';

const [place] = at('source', 'blob');
const harmless: Fault = {
  name: 'does nothing wrong',
  places: at('source', 'blob'),
  strike: async (exchange) => exchange.reply(await exchange.forward()),
  always: 'exact',
};

function judged(copy: Copier, fault = harmless): Promise<Result> {
  if (place === undefined) throw new Error('a place would do');
  return run({ fault, place, when: ALWAYS }, copy);
}

/** Copies, and does something more. */
const and =
  (more: (world: World) => void | Promise<void>, error?: string): Copier =>
  async (world) => {
    const ended = await ours(world);
    await more(world);
    return error === undefined ? ended : { errors: [error], said: [error] };
  };

describe('the judge of a copy', () => {
  it('finds nothing wrong with a good one', async () => {
    expect(await judged(ours)).toMatchObject({ ending: 'exact', wrongs: [] });
  });

  it('finds one that says it is done and is not', async () => {
    const { wrongs } = await judged(async () => ({ errors: [], said: [] }));
    expect(wrongs).toContain('copy1 is not there');
  });

  it.each([
    ['lost a signature', /copy1 lacks sha256:/, 0],
    ['lost its index', /copy1:1.0 stands for nothing/, -1],
  ])('finds one that %s', async (_, says, which) => {
    const lose = and(({ image, registries: { destination } }) => {
      const digest = image.manifests.at(which)?.descriptor.digest ?? '';
      destination.state.repositories.get('copy1')?.manifests.delete(digest);
    });
    expect((await judged(lose)).wrongs.join('; ')).toMatch(says);
  });

  it('finds a manifest without its blob, even behind an error', async () => {
    const lose = and(async ({ image, registries: { destination } }) => {
      await destination.state.deleteBlob('copy1', image.blobs[0]?.descriptor.digest ?? '');
    }, 'source: read blob: expected');
    expect((await judged(lose, { ...harmless, always: /expected/ })).wrongs.join('; ')).toMatch(/is not whole/);
  });

  it.each([
    ['a header', (secret: string) => ({ headers: { 'x-token': secret } }), ''],
    ['a password', (secret: string) => ({ headers: { authorization: `Basic ${btoa(`x:${secret}`)}` } }), ''],
    ['a URL', () => ({}), 'secret'],
  ])('finds a secret that a stranger saw in %s', async (_, init, path) => {
    const tell = and(async ({ hosts, secrets }) => {
      const { value = '' } = secrets[0] ?? {};
      await fetch(`${hosts.stranger.url}/basic${path === '' ? '' : `?${path}=${value}`}`, init(value));
    });
    expect((await judged(tell)).wrongs.join('; ')).toMatch(/the password for source was seen by stranger/);
  });

  it('finds a secret that was said, and a token that was', async () => {
    const tell: Copier = async (world) => {
      const ended = await ours(world);
      return { ...ended, said: world.secrets.map(({ value }) => `with ${value}`) };
    };
    const { wrongs } = await judged(tell);
    expect(wrongs).toContain('the password for destination was said');
    expect(wrongs).toContain('the token for source was said');
  });

  it('finds an error of the wrong side, and one that does not say why', async () => {
    const blame = and(() => undefined, 'destination: something');
    expect((await judged(blame, { ...harmless, always: /because/ })).wrongs).toEqual([
      'it blames another side: destination: something',
      'it says: destination: something',
      'after the fault: it blames another side: destination: something',
      'after the fault: it says: destination: something',
    ]);
  });

  it('finds a fault that never struck', async () => {
    expect(
      (await judged(async () => ({ errors: ['source: x'], said: [] }), { ...harmless, always: /x/ })).wrongs,
    ).toEqual(['it never struck']);
  });

  it('finds an endless answer that was taken', async () => {
    const take = and(({ done }) => {
      done.poured = 2 ** 30;
    });
    expect((await judged(take)).wrongs).toEqual(['1073741824 bytes of an endless answer were taken']);
  });
});
