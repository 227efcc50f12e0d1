/**
 * `npm run bench:start`: how long the command line takes to be at work, beside what Node itself takes to run nothing. In turns,
 * 25 times each; the least is what the machine can do when nobody else wants it.
 */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { BUNDLE } from './peers/ecr-mirror';

const RUNS = 25;
/** Without Docker's settings. */
const HOME = tmpdir();
/** Nobody listens at the first port: the copy has begun, and ends, when that is known. */
const REFUSED = ['127.0.0.1:1/a:1', '127.0.0.1:1/b:1', '--plain-http', '--attempts', '1'];

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'node -e 0': ['-e', '0'],
  '--version': [BUNDLE, '--version'],
  'copy --help': [BUNDLE, 'copy', '--help'],
  'copy, refused': [BUNDLE, 'copy', ...REFUSED],
};

function milliseconds(args: readonly string[]): number {
  const begun = performance.now();
  const { error } = spawnSync(process.execPath, args, { stdio: 'ignore', timeout: 30_000, env: { HOME } });
  if (error !== undefined) throw error;
  return performance.now() - begun;
}

function main(): void {
  const times = new Map(Object.keys(COMMANDS).map((name) => [name, [] as number[]]));
  for (let run = 0; run < RUNS; run += 1) {
    for (const [name, args] of Object.entries(COMMANDS)) times.get(name)?.push(milliseconds(args));
  }
  for (const [name, all] of times) {
    const sorted = all.sort((a, b) => a - b);
    const figures = [sorted[0], sorted[RUNS >> 1]].map((time) => (time ?? 0).toFixed(0).padStart(4));
    console.log(`${name.padEnd(14)} least ${figures[0]} ms, median ${figures[1]} ms`);
  }
}

main();
