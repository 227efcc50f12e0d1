import type { Descriptor } from '../../lib/model/descriptor';
import type { Options } from '../content';
import type { Client } from './client';
import { blobName } from './download';
import { failure } from './failure';

/**
 * Whether the repository holds a blob. A refusal to tell somebody without a credential counts as not known, which means not
 * there: Amazon ECR Public refuses HEAD and grants GET.
 */
export async function blobExists(client: Client, content: Descriptor, options?: Options): Promise<boolean> {
  const operation = blobName(client, content);
  const { signal } = options ?? {};
  const answer = await client.send({ method: 'HEAD', to: `blobs/${content.digest}`, kind: 'blob', operation, signal });
  if (answer.status === 200) return true;
  const unknown = answer.anonymous && (answer.status === 401 || answer.status === 403);
  if (answer.status === 404 || answer.status === 405 || unknown) return false;
  throw failure({ operation, registry: client.repository.registry }, answer);
}
