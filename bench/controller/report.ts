import { type ControllerPrice, type Prices, priceOf } from './price';
import type { Measured } from './scenario';

/** MB, as the construct deploys it. */
export const MEMORY = 512;

const COLUMNS: readonly (readonly [string, (one: Measured & ControllerPrice) => string])[] = [
  ['rows', ({ rows }) => grouped(rows)],
  ['state', ({ state }) => state],
  ['seconds', ({ seconds }) => seconds.toFixed(1)],
  ['CPU s', ({ cpuSeconds }) => cpuSeconds.toFixed(1)],
  ['requests to sources', ({ sourceRequests }) => grouped(sourceRequests)],
  ['to ECR', ({ destinationRequests }) => grouped(destinationRequests)],
  ['calls of ECR’s API', ({ ecrCalls }) => grouped(ecrCalls)],
  ['of DynamoDB', ({ dynamoDbCalls }) => grouped(dynamoDbCalls)],
  ['read units', ({ readUnits }) => grouped(readUnits)],
  ['write units', ({ writeUnits }) => grouped(writeUnits)],
  ['peak MiB', ({ peakMemory }) => grouped(peakMemory)],
  ['heap MiB', ({ peakHeap }) => (peakHeap === 0 ? '–' : grouped(peakHeap))],
  ['invocations', ({ invocations }) => grouped(invocations)],
  ['Lambda s', ({ lambdaSeconds }) => lambdaSeconds.toFixed(0)],
  ['GB-s', ({ gigabyteSeconds }) => gigabyteSeconds.toFixed(0)],
  ['USD Lambda', ({ lambda }) => lambda.toFixed(5)],
  ['USD DynamoDB', ({ dynamoDb }) => dynamoDb.toFixed(5)],
  ['copies', ({ copies }) => grouped(copies)],
  ['jobs', ({ jobs }) => grouped(jobs.length)],
  ['children', ({ jobs }) => (jobs.length === 0 ? '–' : `${Math.min(...jobs)} to ${Math.max(...jobs)}`)],
];

/** A Markdown table, a line for each run. */
export function tableOf(runs: readonly Measured[], prices: Prices): string {
  const lines = runs.map((run) => {
    const priced = { ...run, ...priceOf(run, MEMORY, prices) };
    return COLUMNS.map(([, cell]) => cell(priced));
  });
  const head = COLUMNS.map(([name]) => name);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en');
}
