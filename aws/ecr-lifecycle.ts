import { createHash } from 'node:crypto';
import { DescribeImagesCommand, GetLifecyclePolicyCommand } from '@aws-sdk/client-ecr';
import { reason } from '../engine/errors';
import { parseEcrHost } from '../lib/model/ecr-host';
import { formatRepository, type Reference, type Repository } from '../lib/model/reference';
import type { Policy } from '../lib/model/removal';
import { type RoleSetting, roleFor } from '../lib/model/settings';
import type { AwsClients } from './clients';
import { isNamed } from './items';

/** What Amazon ECR says about images that are not there, or seem not to be. Neither rejects. */
export interface EcrLifecycle {
  /** The lifecycle policy of a repository, asked once. */
  policyOf(repository: Repository): Promise<Policy>;
  /** Whether the image of a tag was moved to the archive, where it cannot be pulled but is not lost. */
  isArchived(reference: Reference): Promise<boolean>;
}

/** Characters of a policy's fingerprint. */
const FINGERPRINT = 16;

export function ecrLifecycle(clients: Pick<AwsClients, 'ecr'>, roles?: readonly RoleSetting[]): EcrLifecycle {
  const policies = new Map<string, Promise<Policy>>();
  const placeOf = ({ registry, name }: Repository) => {
    const host = parseEcrHost(registry);
    if (host === undefined) return undefined;
    const client = clients.ecr(host.region, roleFor(roles, host.account));
    return { client, id: { registryId: host.account, repositoryName: name } };
  };

  async function readPolicy(repository: Repository): Promise<Policy> {
    const place = placeOf(repository);
    if (place === undefined) return { kind: 'unknown' };
    try {
      const { lifecyclePolicyText: text = '' } = await place.client.send(new GetLifecyclePolicyCommand(place.id));
      const fingerprint = createHash('sha256').update(text).digest('hex').slice(0, FINGERPRINT);
      return { kind: 'policy', text, fingerprint };
    } catch (error) {
      if (isNamed(error, 'LifecyclePolicyNotFoundException') || isNamed(error, 'RepositoryNotFoundException')) {
        return { kind: 'none' };
      }
      return { kind: 'unreadable', error: reason(error) };
    }
  }

  return {
    policyOf: (repository) => {
      const name = formatRepository(repository);
      const known = policies.get(name) ?? readPolicy(repository);
      policies.set(name, known);
      return known;
    },
    isArchived: async ({ repository, tag, digest }) => {
      const place = placeOf(repository);
      if (place === undefined) return false;
      const imageIds = [tag === undefined ? { imageDigest: digest } : { imageTag: tag }];
      const filter = { imageStatus: 'ANY' as const };
      try {
        const { imageDetails = [] } = await place.client.send(
          new DescribeImagesCommand({ ...place.id, imageIds, filter }),
        );
        return imageDetails.some(({ imageStatus }) => imageStatus === 'ARCHIVED' || imageStatus === 'ACTIVATING');
      } catch {
        // It is not there, or nobody says: then it counts as removed, after which it is put back as well.
        return false;
      }
    },
  };
}
