import { readFileSync } from 'node:fs';
import { FAMILIES } from './faults';
import { type Case, cases, formatCase, runAll, WITHIN } from './matrix';
import { SEEDS, withPart } from './report';
import { tables } from './table';

/** `FAULT_CASES=all`: the whole random part; else one case in so many of it. */
const ONE_IN = process.env.FAULT_CASES === 'all' ? 1 : 24;

const chosen = cases(SEEDS).filter(({ when }, i) => when.kind !== 'random' || i % ONE_IN === 0);
const of = (name: string): Case[] => {
  const faults = new Set(FAMILIES.find((family) => family.name === name)?.faults);
  return chosen.filter(({ fault }) => faults.has(fault));
};

describe('a registry at fault', () => {
  it.each(FAMILIES.map(({ name }) => [name]))(
    '(%s) lets a copy be exact, or fail with an error that says so, and learns no secret',
    async (name) => {
      const results = await runAll(of(name));
      expect(results.length).toBeGreaterThan(0);
      const wrong = results.filter(({ wrongs }) => wrongs.length > 0);
      expect(wrong.map((result) => ({ case: formatCase(result.case), wrongs: result.wrongs }))).toEqual([]);
    },
    20 * WITHIN,
  );

  it('is described in docs/reliability.md as it is tested', () => {
    const page = readFileSync('docs/reliability.md', 'utf8');
    expect(withPart(page, 'matrix', tables())).toBe(page);
  });

  it('has a name of its own for each fault', () => {
    const names = FAMILIES.flatMap(({ faults }) => faults.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
  });
});
