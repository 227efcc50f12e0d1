import { parseArgs } from 'node:util';
import { cleanUpOnExit } from '../cleanup';
import { startChildren, writePlan } from './children';
import { type Figures, figuresOf, type Phase, sparkline, wrapped } from './figures';
import { type Ground, layGround, PUBLISHED } from './ground';

/** Children of one array job that push small images to one account of Amazon ECR, which enforces its quota. */
interface Scenario {
  readonly name: string;
  /** Images of each child. */
  readonly groups: readonly number[];
  readonly phases: readonly Phase[];
}

const PLAIN: readonly Phase[] = [{ from: 0, rate: PUBLISHED }];
/** Lowered and raised in mid-run: the workers are not told. */
const CHANGED: readonly Phase[] = [
  { from: 0, rate: PUBLISHED },
  { from: 60, rate: 5 },
  { from: 120, rate: 20 },
];
const even = (children: number, images: number) => Array.from({ length: children }, () => images / children);

const SCENARIOS: readonly Scenario[] = [
  { name: '4 children', groups: even(4, 600), phases: PLAIN },
  { name: '16 children', groups: even(16, 640), phases: PLAIN },
  { name: '16 children, uneven', groups: Array.from({ length: 16 }, (_, i) => 5 + 5 * i), phases: PLAIN },
  { name: '4 children, 10 to 5 to 20 a second', groups: even(4, 8800), phases: CHANGED },
  { name: '16 children, 10 to 5 to 20 a second', groups: even(16, 8800), phases: CHANGED },
];

const WIDTH = 100;
const USAGE = 'usage: npm run bench:worker -- [--only TEXT]\n';

async function main(): Promise<void> {
  cleanUpOnExit();
  const { values } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help === true) return void process.stdout.write(USAGE);
  const chosen = SCENARIOS.filter(({ name }) => name.includes(values.only ?? ''));
  if (chosen.length === 0) throw new Error(`--only: got ${JSON.stringify(values.only)}; a part of a name would do`);
  print('| scenario | images | seconds | of the quota | 429 | requests to budgets |', '|---|---|---|---|---|---|');
  const traces: string[] = [];
  for (const scenario of chosen) {
    const { figures, requests } = await run(scenario);
    print(row(scenario.name, figures, requests));
    traces.push('', scenario.name, ...trace(figures, scenario));
  }
  print(...traces);
}

async function run(scenario: Scenario): Promise<{ readonly figures: Figures; readonly requests: number }> {
  const ground = await layGround();
  try {
    await writePlan(ground, scenario.groups);
    const changes = changeLimits(ground, scenario.phases);
    const exits = await Promise.all(startChildren(ground, scenario.groups.length));
    changes.stop();
    const failed = exits.filter(({ exitCode }) => exitCode !== 0).length;
    if (failed > 0) process.stderr.write(`${scenario.name}: ${failed} of ${exits.length} children failed\n`);
    return { figures: figuresOf(ground.puts, scenario.phases), requests: budgetRequests(ground) };
  } finally {
    await ground.close();
  }
}

/** The phases begin with the first PutImage. */
function changeLimits({ own, puts }: Ground, phases: readonly Phase[]): { stop(): void } {
  let next = 1;
  const timer = setInterval(() => {
    const phase = phases[next];
    const [first] = puts;
    if (phase === undefined || first === undefined || Date.now() < first.at + phase.from * 1000) return;
    own.ecr?.limit({ PutImage: phase.rate });
    next++;
  }, 20);
  return { stop: () => clearInterval(timer) };
}

function budgetRequests({ aws }: Ground): number {
  return aws.calls.filter(({ service, input }) => service === 'dynamodb' && isBudget(input)).length;
}

function isBudget(input: unknown): boolean {
  const { Key } = (input ?? {}) as { readonly Key?: { readonly Source?: { readonly S?: string } } };
  return Key?.Source?.S?.startsWith('rate#') === true;
}

function row(name: string, { taken, refused, seconds, used }: Figures, requests: number): string {
  const share = (100 * refused) / Math.max(1, taken + refused);
  const cells = [name, taken, seconds.toFixed(1), `${(100 * used).toFixed(1)} %`, `${refused} (${share.toFixed(2)} %)`];
  return `| ${[...cells, requests].join(' | ')} |`;
}

function trace({ trace, refusals }: Figures, { phases }: Scenario): readonly string[] {
  const most = Math.max(...phases.map(({ rate }) => rate));
  const taken = wrapped(sparkline(trace, most), WIDTH);
  const refused = wrapped(refusals.map((count) => (count === 0 ? ' ' : '!')).join(''), WIDTH);
  return taken.flatMap((line, i) => [line, refused[i]?.trimEnd() ?? '']).filter((line) => line !== '');
}

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`bench:worker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
