import { read, section, tableRows } from './documents';
import { missingOf, testsIn } from './shown-tests';

const page = read('docs/coverage.md');
/** Lines of the systems that people come from, which this page may not lose. */
const LINES = { A: 12, B: 18, C: 10, D: 11, E: 13 };

const systems = Object.keys(LINES).map((letter) => {
  const [heading = ''] = new RegExp(`^## ${letter}: .*$`, 'm').exec(page) ?? [];
  return { letter, lines: tableRows(section(page, heading)) };
});
const lines = systems.flatMap((system) => system.lines);

describe('the page on what others offer', () => {
  it('has every line of the five systems, once', () => {
    expect(Object.fromEntries(systems.map((one) => [one.letter, one.lines.length]))).toEqual(LINES);
    const offers = lines.map(([what]) => what);
    expect(new Set(offers).size).toBe(offers.length);
  });

  it('shows by a test whatever is there, and says of the rest that it is not', () => {
    const bare = lines.filter(([, , shown = '']) => testsIn(shown).length === 0);
    expect(bare.filter(([, where = '']) => !/\*not yet\*|Amazon ECR's own/.test(where)).map(([what]) => what)).toEqual(
      [],
    );
  });

  it('names tests that there are', () => {
    const named = lines.flatMap(([, , shown = '']) => testsIn(shown));
    expect(named.length).toBeGreaterThan(60);
    expect(missingOf(named.map(({ file, name }) => ({ file: file.replace(/^\.\.\//, ''), name })))).toEqual([]);
  });

  it('names flags, props and classes that there are', () => {
    const names = lines.flatMap(([, where = '']) =>
      [...where.matchAll(/`([A-Za-z-]{4,})`/g)].map(([, name = '']) => name),
    );
    const known = [read('API.md'), read('docs/command-line.md'), read('docs/rows.md')].join('\n');
    const elsewhere = ['CfnRegistryPolicy', 'NeverContactSource'];
    expect(names.filter((name) => !elsewhere.includes(name) && !known.includes(name))).toEqual([]);
  });
});
