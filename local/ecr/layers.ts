import { AwsError } from '../aws/error';
import { optionalTexts, requireText } from './input';
import { type Operation, repositoryOf } from './service';

/** Which layers are there. Does NOT do: the archive. */
export const batchCheckLayerAvailability: Operation = (service, input) => {
  const { blobs } = repositoryOf(service, input);
  const digests = optionalTexts(input, 'layerDigests', 1, 100) ?? [];
  const layers = digests.map((layerDigest) => ({
    layerDigest,
    layerAvailability: blobs.has(layerDigest) ? 'AVAILABLE' : 'UNAVAILABLE',
  }));
  return { layers, failures: [] };
};

/** Of a layer that is not there, that it is not. Does NOT do: the address of one that is; the registry redirects to it. */
export const getDownloadUrlForLayer: Operation = (service, input) => {
  const { blobs, name } = repositoryOf(service, input);
  const layerDigest = requireText(input, 'layerDigest');
  if (blobs.has(layerDigest)) throw new AwsError('UnknownOperationException', 'GetDownloadUrlForLayer of a layer');
  throw new AwsError(
    'LayersNotFoundException',
    `The layer with digest '${layerDigest}' does not exist in the repository with name '${name}'`,
  );
};
