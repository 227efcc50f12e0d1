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
});
