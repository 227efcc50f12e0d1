import { read, section, tableRows } from './documents';
import { missingOf, testsIn } from './shown-tests';

const page = read('docs/comparison.md');
/** Without the rows that are headings. */
const claims = tableRows(page).filter((cells) => cells.length === 13 && cells[1] !== '');
const shown = tableRows(section(page, '## What shows it'));

describe('the page that compares', () => {
  it('says the same of ours in both tables, row by row', () => {
    const ours = claims.map(([what, own = '']) => [what, own.replaceAll('**', '')]);
    expect(ours.length).toBeGreaterThan(80);
    expect(shown.map(([what, own]) => [what, own])).toEqual(ours);
  });

  it('shows by a test whatever is said to be there, wholly or partly', () => {
    const bare = shown.filter(([, own = '', tests = '']) => /^[YP]/.test(own) && testsIn(tests).length === 0);
    expect(bare.map(([what]) => what)).toEqual([]);
  });

  it('names tests that there are', () => {
    const named = shown.flatMap(([, , tests = '']) => testsIn(tests));
    expect(missingOf(named.map(({ file, name }) => ({ file: file.replace(/^\.\.\//, ''), name })))).toEqual([]);
  });

  it('is what the README shows a part of', () => {
    const letters: Readonly<Record<string, string>> = { Y: 'yes', P: 'partly', N: 'no', '?': 'unknown', '-': '-' };
    /** Columns of the README: EcrMirror, C, D, G and F. */
    const of = (cells: readonly string[]) =>
      [1, 4, 5, 8, 7].map((at) => letters[cells[at]?.replaceAll('**', '')[0] ?? '']);
    const rows = tableRows(section(read('README.md'), '## How it compares'));
    expect(rows.length).toBeGreaterThan(10);
    for (const [what, ...cells] of rows) {
      const claim = claims.find(([name]) => name === what);
      expect([what, ...cells]).toEqual([what, ...of(claim ?? [])]);
    }
  });
});
