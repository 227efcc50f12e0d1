import { lots } from '../../lambda/rows';
import { surveyRows } from '../../lambda/survey';
import { parseReference } from '../../lib/model/reference';
import { startMirror, type TestMirror } from '../aws/mirror';

let mirror: TestMirror;
beforeEach(async () => {
  mirror = await startMirror();
});
afterEach(() => mirror.close());

const destination = (name: string) => `destination.test/mirror/${name}`;
const row = (Source: string, to: string, more: Record<string, unknown> = {}) => ({
  Source,
  From: `upstream.test/${to}${'Tags' in more ? '' : ':1'}`,
  Destination: destination(to),
  ...more,
});
const tags = (more: Record<string, unknown> = {}) => ({ Tags: { Include: ['1.*'], ...more } });

describe('the look at all rows', () => {
  const selecting = async (name: string) => {
    const { claims } = await surveyRows(mirror.world(), {});
    return claims.selecting(parseReference(`${destination(name)}:1`).repository).map(({ key }) => key);
  };

  it('keeps nothing of a row that selects tags where no other row writes', async () => {
    await mirror.put(row('alone', 'a', tags()), row('elsewhere', 'b', tags()), row('fixed', 'c'));
    for (const name of ['a', 'b', 'c']) expect(await selecting(name)).toEqual([]);
  });

  it('keeps the rows that select tags where another row writes, whichever comes first', async () => {
    await mirror.put(row('one', 'a', tags()), row('two', 'a', tags()), row('three', 'b'), row('four', 'b', tags()));
    expect((await selecting('a')).sort()).toEqual(['one', 'two']);
    expect(await selecting('b')).toEqual(['four']);
  });

  it('remembers as shared only what several rows ask', async () => {
    await mirror.put(row('one', 'a'), row('two', 'a', { Destination: destination('other') }), row('three', 'b'));
    const { isShared } = await surveyRows(mirror.world(), {});
    expect(isShared('upstream.test/a 1')).toBe(true);
    expect(isShared('upstream.test/b 1')).toBe(false);
  });
});

describe('a lot', () => {
  const sizes = async (size: number) => {
    const found: number[] = [];
    for await (const { rows } of lots(mirror.world(), {}, size)) found.push(rows.length);
    return found;
  };

  it('holds fewer rows where each has several destinations', async () => {
    const three = ['x', 'y', 'z'].map(destination).join(', ');
    await mirror.put(...['a', 'b', 'c', 'd'].map((name) => row(name, name, { Destination: three })));
    expect(await sizes(6)).toEqual([2, 2]);
  });

  it('counts a row that selects tags as what it may select', async () => {
    await mirror.put(...['a', 'b', 'c', 'd'].map((name) => row(name, name, tags({ Latest: 5 }))));
    expect(await sizes(10)).toEqual([2, 2]);
    await mirror.put(...['a', 'b', 'c', 'd'].map((name) => row(name, name, tags())));
    expect(await sizes(200)).toEqual([1, 1, 1, 1]);
  });

  it('holds rows that are no mirror, too', async () => {
    await mirror.put(...['a', 'b', 'c'].map((name) => row(name, name, { Destination: 7 })));
    expect(await sizes(2)).toEqual([2, 1]);
  });
});
