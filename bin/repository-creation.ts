import type { AwsClients } from '../aws/clients';
import type { RepositoryMaker } from '../engine/creating-stores';
import type { Clock } from '../engine/ports';
import { parseEcrHost } from '../lib/model/ecr-host';
import type { RepositorySetting } from '../lib/model/repository-setting';

/** As the construct keeps repositories unless it is told otherwise. */
const SETTING: RepositorySetting = {
  scanOnPush: true,
  tagMutability: 'MUTABLE',
  lifecyclePolicy: {
    rules: [
      {
        rulePriority: 1,
        description: 'What no tag leads to any more',
        selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 14, countUnit: 'days' },
        action: { type: 'expire' },
      },
    ],
  },
};

/** Creates what Amazon ECR lacks, in the name of whoever runs the command; the AWS SDK is loaded when that is first needed. */
export function repositoryMaker(clients: () => Promise<AwsClients>, clock: Clock): RepositoryMaker {
  const makes: RepositoryMaker['makes'] = ({ registry }) => parseEcrHost(registry) !== undefined;
  let opened: Promise<RepositoryMaker> | undefined;
  const open = async () => {
    const { ecrRepositories } = await import('../aws/ecr-repositories');
    return ecrRepositories({
      creation: (repository) => (makes(repository) ? SETTING : undefined),
      clients: await clients(),
      clock,
      log: () => {},
    });
  };
  return {
    makes,
    complete: async () => {},
    make: async (repository, signal) => {
      opened ??= open();
      await (await opened).make(repository, signal);
    },
  };
}
