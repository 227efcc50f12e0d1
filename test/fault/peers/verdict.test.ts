import { request } from 'node:http';
import type { Fault } from '../fault';
import { FAMILIES } from '../faults';
import type { Case } from '../matrix';
import { at } from '../target';
import { ALWAYS } from '../when';
import { openWorld, SOURCE, TAG, type World } from '../world';
import { leftOut, peerCases } from './cases';
import { copyBy, type PeerEnded } from './copier';
import { programs } from './programs';
import { peerTables } from './table';
import { judge, lastError, namesSide } from './verdict';

const harmless: Fault = {
  name: 'does nothing wrong',
  places: at('source', 'blob'),
  strike: async (exchange) => exchange.reply(await exchange.forward()),
  always: 'exact',
};
const [place] = harmless.places;
if (place === undefined) throw new Error('a place would do');
const one: Case = { fault: harmless, place, when: ALWAYS };
const [ours] = programs;
if (ours === undefined) throw new Error('a program would do');

const DONE: PeerEnded = { errors: [], said: [], late: false };
const failed = (error: string): PeerEnded => ({ errors: [error], said: [error], late: false });

describe('what became of a copy by any program', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(harmless, one.place, ALWAYS);
  });
  afterEach(() => world.close());
  const verdict = async (ended: PeerEnded, referrers = true) => (await judge(world, ended, one, referrers)).verdict;
  /** As if it had asked for what the fault strikes. */
  const asked = () => {
    world.done.struck++;
  };

  it('is exact when the published program has copied', async () => {
    const ended = await copyBy(ours, world);
    expect(ended).toMatchObject({ errors: [], late: false });
    expect(await judge(world, ended, one, true)).toEqual({ verdict: 'exact', why: '' });
  });

  it('is an error of a side when the published program has failed', async () => {
    await world.registries.source.state.deleteBlob(SOURCE, world.image.blobs[0]?.descriptor.digest ?? '');
    expect(await verdict(await copyBy(ours, world))).toBe('error');
  });

  it('says when the fault was never met', async () => expect(await verdict(DONE)).toBe('not asked'));

  it('says when it claims to be done', async () => {
    asked();
    expect(await verdict(DONE)).toBe('not done');
  });

  it('wants signatures of those alone that bring them', async () => {
    asked();
    const { image, registries } = world;
    const signed = image.manifests.filter(({ bytes }) => Buffer.from(bytes).includes('"subject"'));
    expect(signed).not.toEqual([]);
    const manifests = image.manifests.filter((manifest) => !signed.includes(manifest));
    registries.destination.state.place('copy1', { ...image, manifests }, TAG);
    expect(await verdict(DONE, true)).toBe('not done');
    expect(await verdict(DONE, false)).toBe('exact');
  });

  it('says when a tag stands for an image that lacks a part', async () => {
    const { image, registries } = world;
    registries.destination.state.place('copy1', { ...image, blobs: image.blobs.slice(1) }, TAG);
    expect(await verdict(DONE)).toBe('broken tag');
    expect(await verdict(failed('Error: something'))).toBe('broken tag');
  });

  it('says when a credential went to a stranger, whatever else there was', async () => {
    const { username, password } = world.logins.source;
    await new Promise<void>((resolve, reject) => {
      const outgoing = request(`${world.hosts.stranger.url}/token`, { auth: `${username}:${password}` }, (answer) =>
        answer.resume().once('end', resolve),
      );
      outgoing.once('error', reject).end();
    });
    expect(await verdict(failed('Error: something'))).toBe('leak');
  });

  it('says when it had to be ended', async () => {
    asked();
    expect(await verdict({ ...DONE, late: true })).toBe('no end');
  });

  it('says when an answer without end was swallowed', async () => {
    asked();
    world.done.poured = 2 ** 30;
    expect(await verdict(failed('Error: too long'))).toBe('swallows');
  });

  it.each([
    ['source', 'Error: GET http://SOURCE/v2/app/blobs/sha256:0: unexpected status code 500', true],
    ['source', 'Error: unexpected EOF', false],
    ['source', 'Error: copying SOURCE/app:1.0 to DESTINATION/copy1:1.0: unexpected EOF', false],
    ['source', 'Error: Patch "http://DESTINATION/v2/copy1/blobs/uploads/1": unexpected EOF', false],
    ['destination', 'Error: Patch "http://DESTINATION/v2/copy1/blobs/uploads/1": unexpected EOF', true],
    ['destination', 'time="now" level=fatal msg="writing blob: unauthorized"', true],
  ] as const)('knows whether an error blames the %s: %s', (side, text, names) => {
    const { source, destination } = world.hosts;
    const said = text.replaceAll('SOURCE', source.host).replaceAll('DESTINATION', destination.host);
    expect(namesSide(said, side, world)).toBe(names);
  });
});

it('takes an error without the progress before it', () => {
  expect(lastError('copied 127.0.0.1:1/a\nError: no\nhint')).toBe('Error: no\nhint');
  expect(lastError('copied 127.0.0.1:1/a\nno such thing')).toBe('no such thing');
});

it('puts others to every fault of the matrix but those that it names, once and always', () => {
  const out = leftOut().flatMap(({ names }) => names);
  const names = new Set(peerCases().map(({ fault }) => fault.name));
  expect(out.filter((name) => names.has(name))).toEqual([]);
  expect(names.size + out.length).toBe(FAMILIES.flatMap(({ faults }) => faults).length);
});

it('shows once and always in one cell, in bold what nobody wants, and no row that nobody asked for', () => {
  const table = peerTables(['a', 'b'], ({ name }, { side }, when, program) => {
    if (name !== 'answers 503' || side === 'destination') return 'not asked';
    if (program === 'b') return 'leak';
    return when === 'once' ? 'exact' : 'error';
  });
  expect(table).toContain('| answers 503 | source blob | exact, error | **leak** |');
  expect(table).not.toContain('answers 500');
});
