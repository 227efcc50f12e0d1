import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { withPart } from '../fault/report';
import { casesOf, formatCase, type Result, requestsOfCopy, run } from './worker-case';
import { type Kills, killAtRandom } from './worker-random';
import { tableOf } from './worker-table';
import { type CrashWorld, openCrashWorld } from './worker-world';

/**
 * Crashes of the worker, all of them, into docs/reliability.md: at each of its requests, and at moments chosen by chance.
 * `--only=requests` or `--only=chance` is half of it.
 */
const PAGE = 'docs/reliability.md';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    kills: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
  },
});

async function atEachRequest(world: CrashWorld): Promise<void> {
  const began = performance.now();
  const results: Result[] = [];
  const requests = await requestsOfCopy(world);
  for (const one of casesOf(requests)) {
    const result = await run(world, one);
    results.push(result);
    tell(result.wrongs.map((wrong) => `${formatCase(one)}: ${wrong}`));
  }
  const wrong = results.filter(({ wrongs }) => wrongs.length > 0).length;
  const text = [
    `${dated()}: ${requests.length} requests, ${results.length} crashes in ${secondsSince(began)} s.`,
    `${results.length - wrong} copies were done in the end, and nothing partial was seen; ${wrong} ended otherwise than promised.`,
  ].join('\n');
  write('worker-requests', `${text}\n\n${tableOf(requests, results)}`, text);
}

async function byChance(world: CrashWorld): Promise<void> {
  const began = performance.now();
  const seed = Number(values.seed);
  const { kills, copies, tags, found, wrongs } = await killAtRandom(world, Number(values.kills), seed, progress);
  tell(wrongs);
  const states = [...found].sort().map(([what, times]) => `- ${times} × ${what}`);
  const text = [
    `${dated()}: ${kills} workers were killed (seed ${seed}) in ${secondsSince(began)} s; ${copies} copies were done after that.`,
    `${tags} tags were read back, every byte beneath them; ${wrongs.length} were partial, lost, or done twice at once.`,
  ].join('\n');
  write('worker-chance', `${text}\n\n${states.join('\n')}`, text);
}

function progress({ kills, copies, tags, wrongs }: Kills): void {
  if (copies % 20 === 0) console.log(`${kills} killed, ${copies} copied, ${tags} tags, ${wrongs.length} wrong`);
}

function dated(): string {
  const date = new Date().toISOString().slice(0, 10);
  return `Run of ${date} on ${availableParallelism()} cores, Node ${process.versions.node}`;
}

function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 1000);
}

function tell(wrongs: readonly string[]): void {
  for (const wrong of wrongs) console.log(wrong);
  if (wrongs.length > 0) process.exitCode = 1;
}

function write(name: string, part: string, said: string): void {
  console.log(said);
  writeFileSync(PAGE, withPart(readFileSync(PAGE, 'utf8'), name, part));
}

async function main(): Promise<void> {
  const world = await openCrashWorld();
  try {
    if (values.only !== 'chance') await atEachRequest(world);
    if (values.only !== 'requests') await byChance(world);
  } finally {
    await world.close();
  }
}

void main();
