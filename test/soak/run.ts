import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { withPart } from '../fault/report';
import { type SoakOptions, type SoakResult, soak } from './soak';
import { chart, seriesOf } from './trace';

/** `npm run reliability:soak` writes its part of docs/reliability.md; with `--sample` it is short and writes nothing. */
const PAGE = 'docs/reliability.md';
const FULL: SoakOptions = {
  mirrors: 1000,
  seconds: 600,
  moving: 520,
  patience: 240,
  share: 0.02,
  seed: 1,
  every: '10s',
  timeout: '5s',
  look: 5,
  flat: true,
};
const SAMPLE: SoakOptions = {
  ...FULL,
  mirrors: 50,
  seconds: 15,
  moving: 10,
  patience: 60,
  every: '1s',
  timeout: '2s',
  flat: false,
};

function summary(options: SoakOptions, result: SoakResult): string {
  const { told, samples, changes, asked, struck, open, tags } = result;
  const faults = [...struck.values()].reduce((sum, count) => sum + count, 0);
  const date = new Date().toISOString().slice(0, 10);
  return [
    `Run of ${date} on ${availableParallelism()} cores, Node ${process.versions.node}: ${options.mirrors} mirrors for ${options.seconds} s, seed ${options.seed}.`,
    `${told.rounds} rounds and ${asked} requests, of which ${faults} (${((faults / asked) * 100).toFixed(1)} %) met one of ${struck.size} faults and places;`,
    `tags moved ${changes} times, ${told.copied} copies were made and ${told.failed} failed for a round. In the end all ${tags} tags`,
    `had arrived, with every byte. ${open} upload sessions were open, each cut off by a fault; no file and no process was left.`,
    '',
    'What the process held, in the first third of the time and in the last: in quiet moments (the lowest tenth) and in busy ones (the',
    'highest):',
    '',
    '```text',
    chart(seriesOf(samples)),
    '```',
  ].join('\n');
}

async function main(): Promise<void> {
  const isSample = process.argv.includes('--sample');
  const options = isSample ? SAMPLE : FULL;
  const result = await soak(options, (line) => console.log(line));
  for (const [what, count] of [...result.struck].sort(([, a], [, b]) => b - a)) console.log(`${count} × ${what}`);
  for (const failure of new Set(result.told.failures)) console.log(`failed for a round: ${failure}`);
  if (result.wrongs.length > 0) {
    console.log(chart(seriesOf(result.samples)));
    for (const wrong of result.wrongs) console.error(`wrong: ${wrong}`);
    process.exitCode = 1;
    return;
  }
  const text = summary(options, result);
  console.log(text);
  if (!isSample) writeFileSync(PAGE, withPart(readFileSync(PAGE, 'utf8'), 'soak', text));
}

if (require.main === module) void main();
