import { FARGATE_MEMORY } from '../../lib/model/fargate';
import { AwsError } from '../aws/error';

/** @throws AwsError ClientException for a pair of vCPUs and memory (MiB) that Fargate does not have. */
export function checkResources(vcpus: number, memory: number, where: string): void {
  const sizes = FARGATE_MEMORY.get(vcpus * 1024);
  if (sizes === undefined) {
    throw new AwsError(
      'ClientException',
      `${where}: VCPU: got ${vcpus}; ${[...FARGATE_MEMORY.keys()].map((units) => units / 1024).join(', ')} would do`,
    );
  }
  if (!sizes.includes(memory)) {
    const shown = sizes.length > 3 ? `${sizes[0]}, ${sizes[1]}, … ${sizes.at(-1)}` : sizes.join(', ');
    throw new AwsError('ClientException', `${where}: MEMORY: got ${memory} MiB; with ${vcpus} vCPU ${shown} would do`);
  }
}
