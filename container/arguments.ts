import { parseArgs } from 'node:util';
import { InvalidValue } from '../lib/model/invalid';
import type { JobArguments } from '../lib/model/job';
import { JobParameter } from '../lib/model/names';

export const USAGE =
  'usage: worker --plan ID | --source REGISTRY/REPOSITORY:TAG --dest REGISTRY/REPOSITORY:TAG[,…]\n' +
  'Started by AWS Batch. Exits with 0, or 1 (some copies failed), 64 (usage), 69 (unavailable), 70 (internal), ' +
  '75 (stopped: run it again), 77 (denied).\n';

/** @throws InvalidValue for arguments that are not the worker's */
export function readArguments(argv: readonly string[]): JobArguments | 'help' {
  const option = { type: 'string', multiple: true } as const;
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        [JobParameter.PLAN]: option,
        [JobParameter.SOURCE]: option,
        [JobParameter.DEST]: option,
        help: { type: 'boolean' },
      },
    });
    const { help, ...job } = values;
    return help === true ? 'help' : (job as JobArguments);
  } catch {
    throw new InvalidValue('arguments', argv, '--plan, or --source with --dest, would do');
  }
}
