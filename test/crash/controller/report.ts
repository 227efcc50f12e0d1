import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { withPart } from '../../fault/report';
import { allCases, formatCase, type Result, runAll } from './matrix';
import { tables } from './table';

/** Runs the whole matrix of the controller, and writes its section of docs/reliability.md anew. */
const PAGE = 'docs/reliability.md';

function summary(results: readonly Result[], seconds: number): string {
  const count = (is: (result: Result) => boolean) => results.filter(is).length;
  const date = new Date().toISOString().slice(0, 10);
  return [
    `Full run of ${date} on ${availableParallelism()} cores, Node ${process.versions.node}: ${results.length} cases, ${count(({ ended }) => ended === 'killed')} of them deaths,`,
    `in ${Math.round(seconds)} s. ${count(({ healed }) => healed === 'at once' || healed === 'in minutes')} were well by themselves or when Lambda tried again,`,
    `${count(({ healed }) => healed === 'by the next run')} at the next run, ${count(({ healed }) => healed === 'after two hours')} after two hours; ${count(({ wrongs }) => wrongs.length > 0)} ended otherwise than promised.`,
  ].join('\n');
}

async function main(): Promise<void> {
  const began = performance.now();
  const cases = await allCases();
  const place = new Map(cases.map((one, position) => [one, position]));
  let ended = 0;
  const results = await runAll(cases, (result) => {
    ended += 1;
    if (ended % 50 === 0) console.log(`${ended} of ${cases.length}`);
    if (result.wrongs.length > 0) console.log(`${formatCase(result.case)}: ${result.wrongs.join('; ')}`);
  });
  const text = summary(results, (performance.now() - began) / 1000);
  console.log(text);
  const inOrder = [...results].sort((a, b) => (place.get(a.case) ?? 0) - (place.get(b.case) ?? 0));
  const page = withPart(readFileSync(PAGE, 'utf8'), 'controller run', text);
  writeFileSync(PAGE, withPart(page, 'controller', tables(inOrder)));
  if (results.some(({ wrongs }) => wrongs.length > 0)) process.exitCode = 1;
}

if (require.main === module) void main();
