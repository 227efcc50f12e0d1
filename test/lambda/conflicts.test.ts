import { image, pushBuilt, signatureReferrer } from '../../local/images';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import type { RepositorySettings } from '../../local/registry/state';
import { startMirror, type TestMirror } from '../aws/mirror';

const HOUR = 3600;
const SOURCE = 'upstream.test/app:1';
let own: RunningRegistry;
let mirror: TestMirror;

beforeEach(async () => {
  own = await startRegistry({ personality: { kind: 'ecr', region: 'eu-west-1', repositories: ['mirror/app'] } });
  mirror = await startMirror({ own });
  mirror.permissions = { ...mirror.permissions, destinations: ['**'] };
});
afterEach(async () => {
  await mirror.close();
  await own.close();
});

const to = () => `${own.ecr?.host}/mirror/app:1`;
const repository = () => own.state.create('mirror/app');
const tags = () => Object.fromEntries(repository().tags);
const settle = (settings: Partial<RepositorySettings>) => {
  repository().settings = { ...repository().settings, ...settings };
};
const row = (more: object = {}) => mirror.put({ Source: SOURCE, Destination: to(), ...more });
const item = () => mirror.copy(SOURCE, to());
const short = (digest: string) => digest.slice(7, 19);
/** A run of the controller, and all workers that it asked for; an hour passes. */
async function run() {
  const reply = await mirror.call({});
  const codes = await mirror.runSubmitted();
  mirror.clock.advance(HOUR);
  return { ...reply, codes };
}
const eventsOf = () => mirror.events.splice(0).map(({ DetailType, Detail = '{}' }) => [DetailType, JSON.parse(Detail)]);

const MUTABILITIES: readonly [string, Partial<RepositorySettings>, boolean][] = [
  ['mutable', { tagMutability: 'MUTABLE' }, true],
  ['immutable', { tagMutability: 'IMMUTABLE' }, false],
  ['immutable but for this', { tagMutability: 'IMMUTABLE_WITH_EXCLUSION', exclusions: ['1*'] }, true],
  ['immutable but for others', { tagMutability: 'IMMUTABLE_WITH_EXCLUSION', exclusions: ['latest'] }, false],
  ['mutable but for this', { tagMutability: 'MUTABLE_WITH_EXCLUSION', exclusions: ['1*'] }, false],
  ['mutable but for others', { tagMutability: 'MUTABLE_WITH_EXCLUSION', exclusions: ['latest'] }, true],
];

describe.each(MUTABILITIES)('a tag that is %s', (_, settings, moves) => {
  it.each(['report', 'suffix'])('and holds the image already needs nothing, by %s', async (OnConflict) => {
    const digest = await mirror.publish('app', '1', 'a');
    own.state.place('mirror/app', image({ seed: 'a' }), '1');
    settle(settings);
    await row({ OnConflict });
    expect(await run()).toMatchObject({ copies: 0, skipped: { 'up-to-date': 1 } });
    expect(tags()).toEqual({ 1: digest });
    expect(await item()).toMatchObject({ State: 'Mirrored', Digest: digest });
  });

  it.each(['report', 'suffix'])('and is written while it is on its way is mirrored, by %s', async (OnConflict) => {
    const digest = await mirror.publish('app', '1', 'a');
    await row({ OnConflict });
    await mirror.call({});
    own.state.place('mirror/app', image({ seed: 'a' }), '1');
    settle(settings);
    expect(await mirror.runSubmitted()).toEqual([0]);
    expect(await item()).toMatchObject({ State: 'Mirrored', Digest: digest });
    expect(tags()).toEqual({ 1: digest });
  });

  it('and holds another image moves, or is reported as a conflict', async () => {
    const digest = await mirror.publish('app', '1', 'b');
    own.state.place('mirror/app', image({ seed: 'a' }), '1');
    settle(settings);
    await row();
    const before = tags();
    const reply = await run();
    expect(reply).toMatchObject({ copies: 1, codes: [moves ? 0 : 1] });
    expect(tags()).toEqual(moves ? { 1: digest } : before);
    expect(await item()).toMatchObject(
      moves
        ? { State: 'Mirrored', Digest: digest }
        : { State: 'Conflict', SourceDigest: digest, Error: expect.stringContaining('immutable') },
    );
    expect(eventsOf()).toMatchObject([
      moves ? ['Image Mirrored', { state: 'Mirrored' }] : ['Mirror Failed', { state: 'Conflict' }],
    ]);
    expect(mirror.figures.at(-1)).toMatchObject({ Copied: moves ? 1 : 0, Conflicts: moves ? 0 : 1 });
  });

  it('and holds another image moves, or gets the image beside it', async () => {
    const digest = await mirror.publish('app', '1', 'b');
    own.state.place('mirror/app', image({ seed: 'a' }), '1');
    settle(settings);
    await row({ OnConflict: 'suffix' });
    const beside = `1-${short(digest)}`;
    const { 1: before } = tags();
    expect(await run()).toMatchObject({ copies: 1, codes: [0] });
    expect(tags()).toEqual(moves ? { 1: digest } : { 1: before, [beside]: digest });
    const found = await item();
    expect(found).toMatchObject({ State: 'Mirrored', Digest: digest });
    expect(found?.Tag).toBe(moves ? undefined : beside);
    expect(eventsOf()).toMatchObject([['Image Mirrored', moves ? {} : { tag: beside }]]);
    expect(await run()).toMatchObject({ copies: 0, skipped: { 'up-to-date': 1 } });
  });
});

describe('an image beside an immutable tag', () => {
  beforeEach(async () => {
    own.state.place('mirror/app', image({ seed: 'a' }), '1');
    settle({ tagMutability: 'IMMUTABLE' });
  });

  it('is followed by the next one, and its own tag is taken again when it is free', async () => {
    const b = await mirror.publish('app', '1', 'b');
    await row({ OnConflict: 'suffix' });
    await run();
    const next = await mirror.publish('app', '1', 'c');
    expect(await run()).toMatchObject({ copies: 1, codes: [0] });
    expect(tags()).toMatchObject({ [`1-${short(b)}`]: b, [`1-${short(next)}`]: next });
    expect(await item()).toMatchObject({ Tag: `1-${short(next)}`, Digest: next });
    repository().tags.delete('1');
    expect(await run()).toMatchObject({ copies: 1, codes: [0] });
    expect(tags()).toMatchObject({ 1: next });
    expect(await item()).toMatchObject({ State: 'Mirrored', Digest: next });
    expect(await item()).not.toHaveProperty('Tag');
  });

  it('comes at once when a row asks for that whose conflict was reported before', async () => {
    const digest = await mirror.publish('app', '1', 'b');
    await row();
    expect(await run()).toMatchObject({ codes: [1] });
    expect(await run()).toMatchObject({ copies: 0, skipped: { conflict: 1 } });
    await row({ OnConflict: 'suffix' });
    expect(await run()).toMatchObject({ copies: 1, codes: [0] });
    expect(tags()).toMatchObject({ [`1-${short(digest)}`]: digest });
  });

  it('is a conflict, for a day, when that tag is taken too, and nothing is written over', async () => {
    const digest = await mirror.publish('app', '1', 'b');
    const beside = `1-${short(digest)}`;
    own.state.place('mirror/app', image({ seed: 'theirs' }), beside);
    settle({ tagMutability: 'IMMUTABLE_WITH_EXCLUSION', exclusions: ['1-*'] });
    const before = tags();
    await row({ OnConflict: 'suffix' });
    expect(await run()).toMatchObject({ copies: 1, codes: [1] });
    expect(tags()).toEqual(before);
    expect(await item()).toMatchObject({
      State: 'Conflict',
      Tag: beside,
      Error: expect.stringContaining(`${beside} holds another image, too`),
    });
    expect(await run()).toMatchObject({ copies: 0, skipped: { conflict: 1 } });
    mirror.clock.advance(24 * HOUR);
    repository().tags.delete(beside);
    expect(await run()).toMatchObject({ copies: 1, codes: [0] });
    expect(tags()).toMatchObject({ [beside]: digest });
  });

  it('is still said to be there when only a signature has come since', async () => {
    await mirror.publish('app', '1', 'b');
    await row({ OnConflict: 'suffix' });
    await run();
    const before = await item();
    await pushBuilt(mirror.upstream.address, 'app', signatureReferrer(image({ seed: 'b' }).root.descriptor));
    expect(await run()).toMatchObject({ copies: 1, codes: [0] });
    expect(before?.Tag).toMatch(/^1-/);
    expect(await item()).toMatchObject({ State: 'Mirrored', Tag: before?.Tag });
  });

  it('is found again by a table that has forgotten it', async () => {
    const digest = await mirror.publish('app', '1', 'b');
    own.state.place('mirror/app', image({ seed: 'b' }), `1-${short(digest)}`);
    await row({ OnConflict: 'suffix' });
    expect(await run()).toMatchObject({ copies: 0, skipped: { 'up-to-date': 1 } });
    expect(await item()).toMatchObject({ State: 'Mirrored', Digest: digest, Tag: `1-${short(digest)}` });
  });
});
