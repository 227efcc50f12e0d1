import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { cases, formatCase, type Result, runAll } from './matrix';
import { tables } from './table';

/** Runs the whole matrix and writes docs/reliability.md anew; with `--table` the table alone, without a run. */
const PAGE = 'docs/reliability.md';
export const SEEDS = [1, 2, 3];

/** A part of a page between `<!-- name -->` and `<!-- /name -->`, replaced. */
export function withPart(page: string, name: string, part: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${PAGE}: got no ${begin} … ${end}; both would do`);
  return `${page.slice(0, from + begin.length)}\n${part}\n${page.slice(to)}`;
}

function summary(results: readonly Result[], seconds: number): string {
  const count = (is: (result: Result) => boolean) => results.filter(is).length;
  const random = count((result) => result.case.when.kind === 'random');
  const date = new Date().toISOString().slice(0, 10);
  return [
    `Full run of ${date} on ${availableParallelism()} cores, Node ${process.versions.node}: ${results.length} cases, ${random} of them at random`,
    `(seeds ${SEEDS.join(', ')}), in ${Math.round(seconds)} s. ${count((result) => result.ending === 'exact')} copies were exact,`,
    `${count((result) => result.ending !== 'exact')} ended with an error; ${count((result) => result.wrongs.length > 0)} ended otherwise than promised.`,
  ].join('\n');
}

async function main(): Promise<void> {
  let page = withPart(readFileSync(PAGE, 'utf8'), 'matrix', tables());
  if (!process.argv.includes('--table')) {
    const began = performance.now();
    const results = await runAll(cases(SEEDS), (result) => {
      if (result.wrongs.length > 0) console.log(`${formatCase(result.case)}: ${result.wrongs.join('; ')}`);
    });
    const text = summary(results, (performance.now() - began) / 1000);
    console.log(text);
    page = withPart(page, 'run', text);
    if (results.some(({ wrongs }) => wrongs.length > 0)) process.exitCode = 1;
  }
  writeFileSync(PAGE, page);
}

if (require.main === module) void main();
