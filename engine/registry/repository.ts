import { type Descriptor, isManifest } from '../../lib/model/descriptor';
import type { Repository } from '../../lib/model/reference';
import type { ByteStream, Options, PushOptions, Store } from '../content';
import { blobExists } from './blobs';
import type { Client } from './client';
import { fetchBlob } from './download';
import { fetchManifest, manifestExists, pushManifest, read, resolve } from './manifests';
import { type ReferrersSupport, referrersOf } from './referrers';
import { listTags } from './tags';
import { uploadsOf } from './upload';

/** A repository of a registry: every ability that a store can have. */
export interface RemoteStore extends Required<Omit<Store, 'near'>> {
  /** Bytes in memory are sent again when the registry falters; a stream only while nothing of it was read. */
  pushBlob(content: Descriptor, bytes: ByteStream | Uint8Array, options?: PushOptions): Promise<void>;
  mount(content: Descriptor, from: Repository, options?: Options): Promise<boolean>;
}

export function remoteStore(client: Client, support: ReferrersSupport): RemoteStore {
  const uploads = uploadsOf(client);
  const referrers = referrersOf(client, support);
  return {
    repository: client.repository,
    resolve: (reference, options) => resolve(client, reference, options),
    read: (reference, options) => read(client, reference, options),
    exists: (content, options) =>
      (isManifest(content.mediaType) ? manifestExists : blobExists)(client, content, options),
    fetchManifest: (content, options) => fetchManifest(client, content, options),
    fetchBlob: (content, options) => fetchBlob(client, content, options),
    pushBlob: uploads.push,
    pushManifest: (content, bytes, options) => pushManifest(client, content, bytes, options),
    mount: uploads.mount,
    referrers: referrers.list,
    addReferrer: referrers.add,
    tags: (options) => listTags(client, options),
    countsPulls: client.countsPulls,
    expect: client.expect,
  };
}
