import { Size, Token } from 'aws-cdk-lib';
import { FARGATE_MEMORY } from './model/fargate';
import { PropsInvalid } from './props-invalid';

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
  const allowed = FARGATE_MEMORY.get(cpu);
  if (allowed === undefined)
    throw new PropsInvalid(`cpu: got ${got(cpu)}; ${[...FARGATE_MEMORY.keys()].join(', ')} would do`);
  if (memory.isUnresolved()) return size;
  const mebibytes = memory.toMebibytes();
  if (!allowed.includes(mebibytes)) {
    throw new PropsInvalid(`memory: got ${mebibytes} MiB with cpu ${cpu}; ${range(allowed)} would do`);
  }
  return size;
}

function got(cpu: number): string {
  return Token.isUnresolved(cpu) ? 'a value that is known at deployment only' : String(cpu);
}

function range(allowed: readonly number[]): string {
  const [first, second, third] = allowed as [number, number, number];
  if (second - first !== third - second) return `${allowed.join(', ')} MiB`;
  return `${first} to ${allowed[allowed.length - 1]} MiB in steps of ${second - first}`;
}
