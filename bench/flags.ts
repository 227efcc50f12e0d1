import { parseArgs } from 'node:util';
import { SCENARIOS, type Scenario } from './corpus/scenarios';
import { NETWORKS, type NetworkName } from './network/network';
import type { RegistryKind } from './registries/start';

/** What one benchmark does. */
export interface Settings {
  readonly scenarios: readonly Scenario[];
  readonly networks: readonly NetworkName[];
  /** Names; undefined for every tool that is on this machine. */
  readonly tools: readonly string[] | undefined;
  readonly runs: number;
  /** Seconds that one command may take. */
  readonly timeout: number;
  readonly registry: RegistryKind;
  readonly tls: boolean;
  /** The others at their own concurrency. */
  readonly untuned: boolean;
  /** Files to be written. */
  readonly markdown: string | undefined;
  readonly json: string | undefined;
  readonly svg: string | undefined;
}

export const USAGE = `npm run bench -- [flags]

  --scenario NAME,…   which work (default: all): ${SCENARIOS.map(({ name }) => name).join(', ')}
  --network NAME,…    ${NETWORKS.join(', ')} (default: both)
  --tool NAME,…       which tools (default: every one that is on this machine)
  --runs N            runs that the median is taken of (default: 5)
  --timeout SECONDS   for one command (default: 600)
  --registry KIND     docker-registry (default) or zot
  --tls               registries speak TLS, by an authority made for the run
  --untuned           the others at the concurrency that they come with, instead of what they can be told
  --sample            the short run: many, next and same, once each
  --markdown FILE     writes the tables
  --json FILE         writes every figure
  --svg FILE          writes the picture of the ratios
  --help`;

const OPTIONS = {
  scenario: { type: 'string' },
  network: { type: 'string' },
  tool: { type: 'string' },
  runs: { type: 'string' },
  timeout: { type: 'string', default: '600' },
  registry: { type: 'string', default: 'docker-registry' },
  tls: { type: 'boolean', default: false },
  untuned: { type: 'boolean', default: false },
  sample: { type: 'boolean', default: false },
  markdown: { type: 'string' },
  json: { type: 'string' },
  svg: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** @throws Error in one line for what it does not understand; undefined stands for a wish for help */
export function parseFlags(args: readonly string[]): Settings | undefined {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
  if (values.help) return undefined;
  const [scenarios, networks, runs] = values.sample
    ? ['many,next,same', NETWORKS.join(), '1']
    : [undefined, undefined, '5'];
  const names = SCENARIOS.map(({ name }) => name);
  const chosen = listOf('--scenario', values.scenario ?? scenarios, names);
  return {
    scenarios: SCENARIOS.filter(({ name }) => chosen.includes(name)),
    networks: listOf('--network', values.network ?? networks, NETWORKS),
    tools: values.tool?.split(','),
    runs: numberOf('--runs', values.runs ?? runs, 100),
    timeout: numberOf('--timeout', values.timeout, 86_400),
    registry: listOf('--registry', values.registry, ['docker-registry', 'zot'] as const)[0] as RegistryKind,
    tls: values.tls,
    untuned: values.untuned,
    markdown: values.markdown,
    json: values.json,
    svg: values.svg,
  };
}

function listOf<T extends string>(flag: string, value: string | undefined, known: readonly T[]): T[] {
  if (value === undefined) return [...known];
  return value.split(',').map((name) => {
    const found = known.find((one) => one === name);
    if (found === undefined) throw new Error(`${flag}: got ${JSON.stringify(name)}; ${known.join(', ')} would do`);
    return found;
  });
}

function numberOf(flag: string, value: string, most: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Error(`${flag}: got ${JSON.stringify(value)}; a whole number from 1 to ${most} would do`);
}
