/**
 * `npm run demo [-- --keep]`: the whole system on this machine, and a story that is checked at every step. `--keep` leaves it
 * running until Ctrl-C.
 */
import { reason } from '../engine/errors';
import { ExitCode } from '../lib/model/outcome';
import { formatSeconds } from '../terminal/format';
import { paintFor } from '../terminal/output';
import { showProgress } from '../terminal/progress';
import { type Expected, watchUploads } from './demo/bars';
import { copiesTable, registryFigures } from './demo/closing';
import { MARGIN, makeNarrator, type Narrator } from './demo/narrator';
import { STORY, TEAMS } from './demo/story';
import { alpine, nginx, redis, sizeOf } from './demo/upstream';
import { startWorld, type World } from './demo/world';

/** As shells have it for Ctrl-C. */
const INTERRUPTED = 130;
/** Columns where there is no terminal. */
const WIDTH = 160;

async function main(options: readonly string[]): Promise<number> {
  const unknown = options.find((option) => option !== '--keep');
  if (unknown !== undefined) {
    process.stderr.write(`demo: got ${JSON.stringify(unknown)}; --keep, or nothing, would do\n`);
    return ExitCode.USAGE;
  }
  // Its notice about versions of Node is for authors of programs.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const began = Date.now();
  process.stdout.write('EcrMirror on one machine: the sample app is synthesized, its bundles are run.\n');
  const world = await startWorld();
  const stopped = new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  try {
    const code = await Promise.race([tell(world, began), stopped.then(() => INTERRUPTED)]);
    if (options.includes('--keep') && code !== INTERRUPTED) {
      for (const line of addresses(world)) process.stdout.write(`${line}\n`);
      await stopped;
    }
    return code;
  } finally {
    await world.stop();
  }
}

async function tell(world: World, began: number): Promise<number> {
  const progress = process.stdout.isTTY ? showProgress(process.stdout, { env: process.env }) : undefined;
  const print = progress?.print ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const narrator = makeNarrator(process.stdout, print);
  const unwatch = progress === undefined ? () => {} : watchUploads(progress, expectedOf(world));
  narrator.say(`ready in ${formatSeconds((Date.now() - began) / 1000)}`);
  const [firstRun, ...further] = STORY;
  await firstRun(world, narrator);
  unwatch();
  progress?.rest();
  for (const chapter of further) await chapter(world, narrator);
  progress?.end();
  return close(world, narrator, began);
}

/** The copies of the first chapter; what comes later is too quick to be seen. */
function expectedOf({ own }: World): readonly Expected[] {
  const bar = (repository: string, tag: string, bytes: number): Expected => ({
    registry: own,
    repository,
    name: `${repository}:${tag}`,
    bytes,
  });
  return [
    bar('mirror/docker-hub/library/nginx', '1.27.0', sizeOf(nginx('1.27.0'))),
    bar('mirror/ecr-public/docker/library/redis', '8', sizeOf(redis)),
    ...TEAMS.map((repository) => bar(repository, '3.20', sizeOf(alpine(1)))),
  ];
}

async function close(world: World, narrator: Narrator, began: number): Promise<number> {
  const { stack } = world;
  narrator.chapter('What the tables say in the end');
  const table = copiesTable(await stack.copies(), Date.now(), (process.stdout.columns ?? WIDTH) - MARGIN.length);
  for (const line of table) narrator.say(line);
  await narrator.check(
    'every call of an AWS API was one that the local stack knows',
    () => stack.aws.unknown.length === 0,
  );
  await narrator.check('no function failed', () => stack.failures.length === 0);
  process.stdout.write('\nWhat the registries were asked, checks included:\n');
  for (const line of registryFigures(world.registries)) process.stdout.write(`  ${line}\n`);
  const figures = `${stack.aws.calls.length} calls of AWS APIs, ${stack.runner.list().length} jobs`;
  process.stdout.write(`${figures}, ${formatSeconds((Date.now() - began) / 1000)}\n\n`);
  const { wrong, checks } = narrator;
  if (wrong.length === 0) {
    process.stdout.write(`${paintFor(process.stdout, process.env).green(`All ${checks} checks passed.`)}\n`);
    return 0;
  }
  process.stdout.write(`${wrong.length} of ${checks} checks failed:\n${wrong.map((what) => `  ${what}\n`).join('')}`);
  for (const failure of stack.failures) process.stdout.write(`  ${failure}\n`);
  return 1;
}

function addresses({ registries, stack }: World): string[] {
  return [
    '',
    'Left running until Ctrl-C.',
    ...Object.entries(registries).map(([name, { address }]) => `${name}: ${address}`),
    `AWS: ${stack.aws.url}`,
    `tables: ${stack.tables.mirrors}, ${stack.tables.copies}`,
    ...Object.entries(stack.environment).map(([name, value]) => `export ${name}='${value}'`),
  ];
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`demo: ${reason(error)}\n`);
    process.exit(ExitCode.INTERNAL);
  },
);
