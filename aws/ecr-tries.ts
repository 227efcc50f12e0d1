import {
  BatchCheckLayerAvailabilityCommand,
  BatchGetImageCommand,
  type ECRClient,
  GetDownloadUrlForLayerCommand,
  ListImagesCommand,
} from '@aws-sdk/client-ecr';
import { isNamed } from './items';

/** Of nothing that there is. */
const LAYER = `sha256:${'0'.repeat(64)}`;
const IMAGE = { imageDigest: LAYER };

/** Which actions that read are denied, found out by asking a repository for what it does not have. @throws what else goes wrong */
export async function triedActions(
  client: ECRClient,
  place: { readonly registryId: string; readonly repositoryName: string },
): Promise<readonly string[]> {
  const tries: Readonly<Record<string, () => Promise<unknown>>> = {
    'ecr:BatchCheckLayerAvailability': () =>
      client.send(new BatchCheckLayerAvailabilityCommand({ ...place, layerDigests: [LAYER] })),
    'ecr:BatchGetImage': () => client.send(new BatchGetImageCommand({ ...place, imageIds: [IMAGE] })),
    'ecr:GetDownloadUrlForLayer': () =>
      client.send(new GetDownloadUrlForLayerCommand({ ...place, layerDigest: LAYER })),
    'ecr:ListImages': () => client.send(new ListImagesCommand({ ...place, maxResults: 1 })),
  };
  const denied: string[] = [];
  for (const [action, attempt] of Object.entries(tries)) {
    try {
      await attempt();
    } catch (error) {
      if (isNamed(error, 'AccessDeniedException')) denied.push(action);
      else if (!ANSWERS.some((name) => isNamed(error, name))) throw error;
    }
  }
  return denied;
}

/** What is answered to those who may ask. */
const ANSWERS = [
  'RepositoryNotFoundException',
  'LayersNotFoundException',
  'LayerInaccessibleException',
  'ImageNotFoundException',
];
