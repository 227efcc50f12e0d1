import { Size, Token } from 'aws-cdk-lib';

/** CPU units of a Fargate task and the memory that goes with them, MiB (AWS Batch API, ResourceRequirement). */
const MEMORY: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1024, 2048]],
  [512, steps(1024, 4096, 1024)],
  [1024, steps(2048, 8192, 1024)],
  [2048, steps(4096, 16_384, 1024)],
  [4096, steps(8192, 30_720, 1024)],
  [8192, steps(16_384, 61_440, 4096)],
  [16_384, steps(32_768, 122_880, 8192)],
]);

export interface FargateSize {
  readonly vCpus: number;
  readonly memory: Size;
}

/**
 * Checks what CDK passes on unchecked and Batch refuses at deployment.
 *
 * @throws Error naming the prop, what was got and what would do. Memory that is known at deployment only passes.
 */
export function fargateSize(cpu = 512, memory = Size.gibibytes(1)): FargateSize {
  const size = { vCpus: cpu / 1024, memory };
  const allowed = MEMORY.get(cpu);
  if (allowed === undefined) throw new Error(`cpu: got ${got(cpu)}; ${[...MEMORY.keys()].join(', ')} would do`);
  if (memory.isUnresolved()) return size;
  const mebibytes = memory.toMebibytes();
  if (!allowed.includes(mebibytes)) {
    throw new Error(`memory: got ${mebibytes} MiB with cpu ${cpu}; ${range(allowed)} would do`);
  }
  return size;
}

function got(cpu: number): string {
  return Token.isUnresolved(cpu) ? 'a value that is known at deployment only' : String(cpu);
}

function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}

function range(allowed: readonly number[]): string {
  const [first, second, third] = allowed as [number, number, number];
  if (second - first !== third - second) return `${allowed.join(', ')} MiB`;
  return `${first} to ${allowed[allowed.length - 1]} MiB in steps of ${second - first}`;
}
