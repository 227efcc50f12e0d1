import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** List prices in US dollars, as `scripts/cost.mjs` has them: for a GB-second, and for a million of the others. */
export interface Prices {
  readonly lambda: { readonly gigabyteSecond: number; readonly million: number };
  readonly dynamoDb: { readonly readMillion: number; readonly writeMillion: number };
}

/** MB of memory with which a function gets one vCPU (AWS Lambda Developer Guide, "Configure Lambda function memory"). */
const MEMORY_OF_A_CPU = 1_769;

export interface ControllerUse {
  /** From the first event to the end. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly invocations: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

export interface ControllerPrice {
  /** As long as Lambda would take: its share of a CPU may be less than was had here. */
  readonly lambdaSeconds: number;
  readonly gigabyteSeconds: number;
  /** USD. */
  readonly lambda: number;
  readonly dynamoDb: number;
}

/** @param memory of the function, MB */
export function priceOf(use: ControllerUse, memory: number, { lambda, dynamoDb }: Prices): ControllerPrice {
  const lambdaSeconds = Math.max(use.seconds, (use.cpuSeconds * MEMORY_OF_A_CPU) / memory);
  const gigabyteSeconds = (lambdaSeconds * memory) / 1024;
  return {
    lambdaSeconds,
    gigabyteSeconds,
    lambda: gigabyteSeconds * lambda.gigabyteSecond + (use.invocations * lambda.million) / 1e6,
    dynamoDb: (use.readUnits * dynamoDb.readMillion + use.writeUnits * dynamoDb.writeMillion) / 1e6,
  };
}

export function listPrices(): Prices {
  const script = join(__dirname, '..', '..', 'scripts', 'cost.mjs');
  return JSON.parse(execFileSync(process.execPath, [script, '--json'], { encoding: 'utf8' })).prices;
}
