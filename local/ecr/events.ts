import { createHash } from 'node:crypto';
import type { EcrRegistry } from '../registry/ecr';
import type { PushEvent } from '../registry/options';

/** A push as EventBridge delivers it. By digest, `image-tag` is the empty string. */
export function ecrPushEvent(ecr: Pick<EcrRegistry, 'account' | 'region'>, push: PushEvent) {
  const id = createHash('sha256').update(JSON.stringify(push)).digest('hex');
  return {
    version: '0',
    id: `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20, 32)}`,
    'detail-type': 'ECR Image Action',
    source: 'aws.ecr',
    account: ecr.account,
    time: new Date(push.time).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: ecr.region,
    resources: [],
    detail: {
      result: 'SUCCESS',
      'repository-name': push.repository,
      'image-digest': push.digest,
      'action-type': 'PUSH',
      'image-tag': push.tag,
      'manifest-media-type': push.mediaType,
      ...(push.artifactType === undefined ? {} : { 'artifact-media-type': push.artifactType }),
    },
  };
}
