/** What a run costs, in US dollars, at the on-demand prices of us-east-1 in November 2026. */

/** A Lambda function on ARM, for each GB-second; and for each request. */
const GB_SECOND = 0.000_013_333_4;
const INVOCATION = 0.000_000_2;
/** DynamoDB on demand, for each request unit. */
const READ_UNIT = 0.125 / 1_000_000;
const WRITE_UNIT = 0.625 / 1_000_000;
/** MB of memory with which a function gets one vCPU. */
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
  readonly lambda: number;
  readonly dynamoDb: number;
}

/** @param memory of the function, MB */
export function priceOf(use: ControllerUse, memory: number): ControllerPrice {
  const lambdaSeconds = Math.max(use.seconds, (use.cpuSeconds * MEMORY_OF_A_CPU) / memory);
  const gigabyteSeconds = (lambdaSeconds * memory) / 1024;
  return {
    lambdaSeconds,
    gigabyteSeconds,
    lambda: gigabyteSeconds * GB_SECOND + use.invocations * INVOCATION,
    dynamoDb: use.readUnits * READ_UNIT + use.writeUnits * WRITE_UNIT,
  };
}
