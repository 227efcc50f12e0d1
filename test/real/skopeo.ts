import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MediaType } from '../../lib/model/descriptor';
import type { DebianImages } from './debian';
import type { Place } from './judge';
import { tagged } from './layout';
import { run } from './process';
import { pushManifest } from './push';

/** skopeo: the tool that puts the real images in, and the other opinion on what came out. All in plain http on loopback. */

const reference = (place: Place, tagOrDigest: string) =>
  `docker://${place.url.replace('http://', '')}/${place.repository}${tagOrDigest.startsWith('sha256:') ? '@' : ':'}${tagOrDigest}`;

/** The manifest's bytes as skopeo sees them. */
export function inspectRaw(place: Place, tagOrDigest: string): Promise<string> {
  return run('skopeo', ['inspect', '--raw', '--tls-verify=false', reference(place, tagOrDigest)]);
}

/**
 * Pulls everything beneath a tag; skopeo verifies each digest that it reads. Where it cannot write a list just as it is
 * (1.9 drops `artifactType`), it may change what it writes. @throws when something is missing or wrong.
 */
export async function pullWhole(place: Place, tag: string, folder: string): Promise<void> {
  const from = reference(place, tag);
  await run('skopeo', ['copy', '-q', '--all', '--src-tls-verify=false', from, `dir:${folder}`]);
}

/**
 * Pushes every tag of the images. The fallback list of referrers goes by plain HTTP: skopeo 1.9 would rewrite its
 * descriptors. Where the registry lists referrers by itself, leave it out.
 */
export async function pushDebian(images: DebianImages, place: Place, fallback: boolean): Promise<void> {
  const { folder } = images.layout;
  for (const tag of images.tags) {
    if (tag === images.referrersTag) continue;
    const to = reference(place, tag);
    await run('skopeo', [
      'copy',
      '-q',
      '--all',
      '--preserve-digests',
      '--dest-tls-verify=false',
      `oci:${folder}:${tag}`,
      to,
    ]);
  }
  if (!fallback) return;
  const list = tagged(images.layout, images.referrersTag);
  const bytes = readFileSync(join(folder, 'blobs', list.digest.replace(':', '/')));
  await pushManifest(place, images.referrersTag, MediaType.OCI_INDEX, bytes);
}
