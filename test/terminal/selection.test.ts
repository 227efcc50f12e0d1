import { explainSelection } from '../../lib/model/tag-selection';
import { selectionLines } from '../../terminal/selection';

const MANY = Array.from({ length: 300 }, (_, at) => `1.${at}`);
const linesFor = (tags: readonly string[], selection: Parameters<typeof explainSelection>[1], more: object = {}) =>
  selectionLines(explainSelection(tags, selection), selection, { columns: 80, ...more });

describe('the lines of a selection', () => {
  it('fit the terminal, and say how many tags they leave out', () => {
    for (const columns of [40, 80, 200]) {
      const lines = linesFor(MANY, { include: ['1.1*'], latest: 100 }, { columns });
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
      const dropped = lines.slice(lines.findIndex((line) => line.startsWith('  drops 189: ')) + 1);
      const shown = dropped.slice(0, 2).join(' ');
      const [, more] = /, … (\d+) more$/.exec(shown) ?? [];
      expect(shown.split(',').length - 1 + Number(more)).toBe(189);
    }
  });

  it('show everything when all is wanted', () => {
    const lines = linesFor(MANY, { latest: 1 }, { all: true });
    expect(lines.join(' ').match(/1\.\d+/g)).toEqual(expect.arrayContaining(MANY));
    expect(lines.join(' ')).not.toContain('…');
  });

  it('name the reasons that most tags share, and count the others', () => {
    const variants = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].flatMap((name, at) =>
      Array.from({ length: at + 1 }, (_, version) => `${version}-${name}x`),
    );
    const lines = linesFor(variants, { semver: '>=0' });
    expect(lines.filter((line) => line.startsWith('  drops'))).toEqual([
      ...['h', 'g', 'f', 'e', 'd', 'c'].map((name) => expect.stringContaining(`of the line *-${name}x`)),
      '  drops 3 more for 2 other reasons',
    ]);
    expect(
      linesFor(variants, { semver: '>=0' }, { all: true }).filter((line) => line.startsWith('  drops')),
    ).toHaveLength(8);
  });

  it('tell of what is kept from before tags moved, too', () => {
    const kept = 'prev-1-20260131';
    const lines = linesFor(['1', kept, '2'], { latest: 1 });
    expect(lines).toEqual(
      expect.arrayContaining(['previous  keeps 2 of 3: what is not kept for a while', `    ${kept}`]),
    );
  });

  it('leave out no reason that is the only one left', () => {
    const seven = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `1-${name}x`);
    expect(linesFor(seven, { semver: '>=0' }).filter((line) => line.startsWith('  drops 1: '))).toHaveLength(7);
  });

  it('hold no control characters, whatever a selection says', () => {
    const lines = linesFor(['1'], { include: ['/\u001b[2J/', '1'], exclude: ['/1|\u0007/'] });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is the point
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f]/);
  });
});
