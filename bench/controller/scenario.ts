import { setTimeout as wait } from 'node:timers/promises';
import type { Service } from '../../local/aws/endpoint';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';
import { type Json, textOf } from '../../local/template/value';
import { ACCOUNT, type BenchRow, isChanged, makeRows, OWN, REGION, SOURCES, type State, stock } from './corpus';
import { meterChildren } from './meter';
import { copyItem, mirrorItem, startTables, type Tables } from './tables';
import { watchRun } from './watch-run';

export interface Scenario {
  readonly rows: number;
  readonly state: State;
  /** What wakes the controller: the schedule, or the change of one row. @default 'schedule' */
  readonly trigger?: 'schedule' | 'changed row';
  /** The folder that `cdk synth` wrote. */
  readonly assembly: string;
  /** Of registries and of Amazon ECR's API. Milliseconds. */
  readonly latency: number;
}

/** What a run of the controller took. */
export interface Measured {
  readonly rows: number;
  readonly state: string;
  /** From the first event to the end of the last invocation. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Requests to sources, to ECR as a registry, and calls of ECR's API. */
  readonly sourceRequests: number;
  readonly destinationRequests: number;
  readonly ecrCalls: number;
  readonly dynamoDbCalls: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  /** Resident at most, and most of what was alive on the heap after a full collection of garbage. MiB. */
  readonly peakMemory: number;
  readonly peakHeap: number;
  readonly invocations: number;
  readonly copies: number;
  /** Children of each job. */
  readonly jobs: readonly number[];
}

export async function measure(scenario: Scenario): Promise<Measured> {
  const rows = makeRows(scenario.rows);
  const registries = await openRegistries(scenario.latency);
  stock(rows, scenario.state, registries);
  const tables = await startTables();
  const counts = { calls: {} as Record<string, number>, source: 0, destination: 0 };
  const run = watchRun();
  const stack = await startStack({
    assembly: scenario.assembly,
    account: ACCOUNT,
    region: REGION,
    registries,
    containers: 0,
    onLine: ({ text }) => run.see(text),
    around: (name, service) => counted(name, name === 'dynamodb' ? tables.service : service, counts.calls, scenario),
  });
  try {
    await fillTables(rows, scenario.state, stack, tables);
    for (const [name, registry] of Object.entries(registries)) {
      registry.intercept(() => {
        counts[name === OWN ? 'destination' : 'source'] += 1;
        return undefined;
      });
    }
    const meter = meterChildren('function.cjs');
    const began = performance.now();
    const invocation = await stack.invoke(controllerOf(stack), eventOf(scenario, rows));
    if ('error' in invocation) throw new Error(invocation.error.errorMessage);
    await run.ended();
    const seconds = (performance.now() - began) / 1000;
    meter.stop();
    if (stack.failures.length > 0) throw new Error(stack.failures.join(' · '));
    return {
      rows: scenario.rows,
      state: scenario.trigger === 'changed row' ? 'one changed row' : scenario.state,
      seconds,
      cpuSeconds: meter.cpu,
      sourceRequests: counts.source,
      destinationRequests: counts.destination,
      ecrCalls: counts.calls.ecr ?? 0,
      dynamoDbCalls: counts.calls.dynamodb ?? 0,
      readUnits: tables.units.read,
      writeUnits: tables.units.written,
      peakMemory: meter.peak,
      peakHeap: run.heap,
      invocations: run.invocations,
      copies: run.copies,
      jobs: stack.runner.list().map(({ children }) => Math.max(1, children.length)),
    };
  } finally {
    await stack.stop();
    await tables.close();
    await Promise.all(Object.values(registries).map((registry) => registry.close()));
  }
}

async function openRegistries(latency: number): Promise<Readonly<Record<string, RunningRegistry>>> {
  const sources = SOURCES.map(async (name) => [name, await startRegistry({ latency })] as const);
  const own = await startRegistry({ latency, personality: { kind: 'ecr', account: ACCOUNT, region: REGION } });
  return { ...Object.fromEntries(await Promise.all(sources)), [OWN]: own };
}

/** Counts the calls of a service, and lets those of Amazon ECR take their time. */
function counted(name: string, service: Service, counts: Record<string, number>, { latency }: Scenario): Service {
  return async (call) => {
    counts[name] = (counts[name] ?? 0) + 1;
    if (name === 'ecr') await wait(latency);
    return service(call);
  };
}

async function fillTables(rows: readonly BenchRow[], state: State, stack: LocalStack, tables: Tables): Promise<void> {
  await tables.create(stack.template);
  await tables.fill(stack.tables.mirrors, rows.map(mirrorItem));
  if (state === 'all new') return;
  const before = `sha256:${'b'.repeat(64)}`;
  const digestOf = (row: BenchRow, index: number) =>
    isChanged(state, index) ? before : row.image.root.descriptor.digest;
  await tables.fill(
    stack.tables.copies,
    rows.map((row, index) => copyItem(row, digestOf(row, index))),
  );
}

function controllerOf({ template }: LocalStack): string {
  const found = template
    .ofType('AWS::Lambda::Function')
    .find(({ properties }) => textOf(properties.Description)?.startsWith('Decides which images') === true);
  if (found === undefined) throw new Error('template: a function that decides which images are copied would do');
  return found.ref;
}

function eventOf({ trigger }: Scenario, rows: readonly BenchRow[]): Json {
  if (trigger !== 'changed row') return { trigger: 'schedule' };
  return { Records: [{ eventName: 'MODIFY', dynamodb: { Keys: { Source: { S: rows[0]?.key ?? '' } } } }] };
}
