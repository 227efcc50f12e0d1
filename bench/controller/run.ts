/**
 * `npm run bench:controller [-- --rows=10000,100000] [--latency=50] [--only="all new"] [--timeout=900] [--json]`: the
 * controller's own bundle on many rows, over 500 repositories on three registries, with Amazon ECR as their destination. Linux
 * alone, because memory and CPU are read from its books.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reason } from '../../engine/errors';
import { ExitCode } from '../../lib/model/outcome';
import { synthesize } from '../../local/synth';
import { STATES } from './corpus';
import { listPrices } from './price';
import { tableOf } from './report';
import { type Measured, measure, type Scenario } from './scenario';
import { TIMEOUT } from './setting';

const OPTIONS = {
  rows: { type: 'string', default: '10000,100000' },
  latency: { type: 'string', default: '50' },
  only: { type: 'string' },
  timeout: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  if (values.timeout !== undefined) process.env[TIMEOUT] = String(positive('--timeout', values.timeout));
  const assembly = mkdtempSync(join(tmpdir(), 'ecr-mirror-bench-'));
  try {
    await synthesize(assembly, join('bench', 'controller', 'app.ts'));
    const runs: Measured[] = [];
    for (const scenario of scenariosOf(values, assembly)) {
      process.stderr.write(`${scenario.rows} rows, ${scenario.trigger ?? scenario.state} …\n`);
      runs.push(await measure(scenario));
      // A long series may be broken off: what was measured is there.
      process.stderr.write(`${JSON.stringify(runs.at(-1))}\n`);
    }
    process.stdout.write(values.json ? `${JSON.stringify(runs, undefined, 2)}\n` : `${tableOf(runs, listPrices())}\n`);
  } finally {
    rmSync(assembly, { recursive: true, force: true });
  }
}

function scenariosOf(
  { rows, latency, only }: { readonly rows: string; readonly latency: string; readonly only?: string },
  assembly: string,
): readonly Scenario[] {
  const counts = rows.split(',').map((count) => positive('--rows', count));
  const all = counts.flatMap((count): Scenario[] => {
    const common = { rows: count, assembly, latency: Number(latency) };
    return [
      ...STATES.map((state) => ({ ...common, state })),
      { ...common, state: 'nothing to do', trigger: 'changed row' },
    ];
  });
  return all.filter(({ state, trigger }) => only === undefined || only === (trigger ?? state));
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`${flag}: got ${JSON.stringify(text)}; a whole number above 0 would do`);
}

main().then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(`bench: ${reason(error)}\n`);
    process.exit(ExitCode.INTERNAL);
  },
);
