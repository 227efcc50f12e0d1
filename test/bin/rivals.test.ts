import { rivalsOf } from '../../bin/rivals';
import { parseRow } from '../../lib/model/mirror-row';

const row = (more: object) =>
  parseRow({ Source: 'one', From: 'app:1', Destination: 'our.example/app', ...more }, { mapping: {} });
const rivals = (one: object, other: object) => {
  const mirror = row(one).mirror;
  const found = mirror === undefined ? [] : rivalsOf(mirror, [row({ Source: 'other', ...other })]);
  return found.map(({ key, destination }) => `${key} ${destination}`);
};
const ALL = { From: 'app', Tags: { Include: ['*'] } };
const SOME = { From: 'app', Tags: { Semver: '>=1' } };
const PIN = { From: `app:1@sha256:${'a'.repeat(64)}` };

describe('rows that write what a row writes', () => {
  it.each<[string, object, object]>([
    ['elsewhere', {}, { Destination: 'our.example/b' }],
    ['another tag', {}, { From: 'app:2' }],
    ['the same', {}, {}],
    ['the same, by a selection', {}, ALL],
    ['the same, by two selections', ALL, SOME],
    [
      'the same, under another name',
      { ...ALL, Destination: 'our.example/app:m-{tag}' },
      { ...SOME, Destination: 'our.example/app:m-{tag}' },
    ],
    ['the same pin', PIN, PIN],
    ['the same, by a selection, where one names the tag', { Destination: 'our.example/app:1' }, ALL],
  ])('are no rivals: %s', (_, one, other) => {
    expect(rivals(one, other)).toEqual([]);
    expect(rivals(other, one)).toEqual([]);
  });

  it.each<[string, object, object]>([
    ['another image', {}, { From: 'b:1' }],
    ['another image, by a selection', {}, { ...ALL, From: 'b' }],
    ['another part of it', ALL, { ...SOME, Platforms: 'linux/amd64' }],
    ['another tag of it, by a selection', { From: 'app:2', Destination: 'our.example/app:1' }, ALL],
    ['a pin, and a tag that moves', {}, PIN],
    ['a pin, and a selection', ALL, PIN],
    ['the same under names that may meet', ALL, { ...SOME, Destination: 'our.example/app:{tag}-x' }],
    ['one tag for whichever is newest', {}, { From: 'app', Tags: { Latest: 1 }, Destination: 'our.example/app:1' }],
  ])('are rivals: %s', (_, one, other) => {
    expect(rivals(one, other)).toEqual([expect.stringMatching(/^other our\.example\/app/)]);
    expect(rivals(other, one)).toHaveLength(1);
  });
});
