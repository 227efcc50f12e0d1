import { AwsError } from '../aws/error';

/** What Fargate offers: MiB of memory by number of vCPUs (Batch API, ResourceRequirement). */
const SIZES: ReadonlyMap<number, readonly number[]> = new Map([
  [0.25, [512, 1024, 2048]],
  [0.5, range(1024, 4096, 1024)],
  [1, range(2048, 8192, 1024)],
  [2, range(4096, 16_384, 1024)],
  [4, range(8192, 30_720, 1024)],
  [8, range(16_384, 61_440, 4096)],
  [16, range(32_768, 122_880, 8192)],
]);

function range(from: number, to: number, step: number): readonly number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

/** @throws AwsError ClientException for a pair of vCPUs and memory (MiB) that Fargate does not have. */
export function checkResources(vcpus: number, memory: number, where: string): void {
  const sizes = SIZES.get(vcpus);
  if (sizes === undefined) {
    throw new AwsError('ClientException', `${where}: VCPU: got ${vcpus}; ${[...SIZES.keys()].join(', ')} would do`);
  }
  if (!sizes.includes(memory)) {
    const shown = sizes.length > 3 ? `${sizes[0]}, ${sizes[1]}, … ${sizes.at(-1)}` : sizes.join(', ');
    throw new AwsError('ClientException', `${where}: MEMORY: got ${memory} MiB; with ${vcpus} vCPU ${shown} would do`);
  }
}
