import { stringify } from 'yaml';
import { formatRepository } from '../../lib/model/reference';
import type { Make, PullOptions } from './kind';
import { metadataOf } from './metadata';
import type { Place } from './place';

/**
 * Mirror sets of OpenShift (config.openshift.io/v1): images by digest, and by tag. Each source repository has its entry, as a
 * mirror of a whole registry would be asked for what it has not.
 */
export const openshift: Make = (places, options) => ({
  files: [
    { path: 'image-digest-mirror-set.yaml', text: set('ImageDigestMirrorSet', 'imageDigestMirrors', places, options) },
    ...(options.digestsOnly
      ? []
      : [{ path: 'image-tag-mirror-set.yaml', text: set('ImageTagMirrorSet', 'imageTagMirrors', places, options) }]),
  ],
  notes: [
    'nodes are drained when mirror sets change',
    'mirrors are pulled from with the cluster’s own pull secret: `ecr-mirror pull-config token-rotation --openshift` keeps a token of Amazon ECR in it',
  ],
});

function set(kind: string, list: string, places: readonly Place[], options: PullOptions): string {
  const entries = places.map(({ source, mirror, further }) => ({
    source: formatRepository(source),
    mirrors: [mirror, ...further].map(formatRepository),
    mirrorSourcePolicy: options.fallback ? 'AllowContactingSource' : 'NeverContactSource',
  }));
  return stringify(
    { apiVersion: 'config.openshift.io/v1', kind, metadata: metadataOf(options), spec: { [list]: entries } },
    { lineWidth: 0 },
  );
}
