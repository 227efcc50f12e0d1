import { relative } from 'node:path';

/** Percent of mutants that a test must notice. */
export const WANTED = 85;

/** What Stryker says of a mutant. */
export interface MutantResult {
  readonly fileName: string;
  readonly status: string;
}

export interface Score {
  readonly what: string;
  readonly noticed: number;
  readonly all: number;
  readonly score: number;
}

const GROUPS: readonly { readonly what: string; readonly holds: (file: string) => boolean }[] = [
  { what: '`lib/model`', holds: (file) => file.startsWith('lib/model/') },
  { what: 'planning (`engine/plan.ts`, `make-plan.ts`)', holds: (file) => /^engine\/(?:make-)?plan\.ts$/.test(file) },
  {
    what: 'the address policy (`engine/registry/address.ts`, `hosts.ts`)',
    holds: (file) => /registry\/(address|hosts)\.ts$/.test(file),
  },
];

/** A mutant that never ends was noticed. One that does not even load in a way that says nothing about tests does not count. */
export function scores(results: readonly MutantResult[]): Score[] {
  return GROUPS.map(({ what, holds }) => {
    const own = results.filter(({ fileName }) => holds(relative('.', fileName)));
    const count = (...statuses: string[]) => own.filter(({ status }) => statuses.includes(status)).length;
    const noticed = count('Killed', 'Timeout');
    const all = noticed + count('Survived', 'NoCoverage');
    return { what, noticed, all, score: (100 * noticed) / all };
  }).filter(({ all }) => all > 0);
}

export function formatScores(found: readonly Score[]): string {
  const line = ({ what, noticed, all, score }: Score) => `| ${what} | ${all} | ${noticed} | ${score.toFixed(1)} % |`;
  return ['| what | mutants | noticed | score |', '|---|---|---|---|', ...found.map(line)].join('\n');
}
