import type { Digest } from '../../lib/model/digest';
import { isSignedBy, type SigningKey, signatureTag } from './cosign';
import type { DebianImages } from './debian';
import { allTags, childrenOf, graphOf, type Place, rawManifest, referrersOf, whatIsMissing } from './judge';
import { inspectRaw, pullWhole } from './skopeo';
import { withFolder } from './temporary';

/** What must be true of a mirror of the Debian index, whoever made it. */

/** `skopeo inspect --raw` says the same of both sides: of the tag, and of every manifest beneath it. */
export async function expectSameBytes(images: DebianImages, from: Place, to: Place): Promise<void> {
  const manifests = [...(await graphOf(from, 'index')).values()].filter(({ mediaType }) =>
    /manifest|index/.test(mediaType),
  );
  expect(manifests).toHaveLength(4);
  for (const reference of ['index', ...manifests.map(({ digest }) => digest)]) {
    expect([reference, await inspectRaw(to, reference)]).toEqual([reference, await inspectRaw(from, reference)]);
  }
  expect((await rawManifest(to, 'index'))?.digest).toBe(images.index.digest);
}

/** skopeo pulls everything beneath the tag, and no blob is missing. */
export async function expectWhole(to: Place, tag: string): Promise<void> {
  expect(await whatIsMissing(to, tag)).toEqual([]);
  await withFolder((folder) => pullWhole(to, tag, folder));
}

/** The image's signature is the same bytes, and verifies with the signer's key. */
export async function expectSigned(key: SigningKey, signed: Digest, from: Place, to: Place): Promise<void> {
  const tag = signatureTag(signed);
  expect(await inspectRaw(to, tag)).toBe(await inspectRaw(from, tag));
  const manifest = await rawManifest(to, tag);
  const layer = manifest && childrenOf(manifest).find(({ mediaType }) => mediaType.includes('simplesigning'));
  if (layer === undefined) throw new Error(`${tag} has no signature`);
  const payload = await fetch(`${to.url}/v2/${to.repository}/blobs/${layer.digest}`);
  expect(isSignedBy(key, signed, layer, Buffer.from(await payload.arrayBuffer()))).toBe(true);
}

/** How a registry lists what refers to something: by its API, or by the fallback tag that clients keep. */
export type ListedBy = 'api' | 'tag';

/** What has the index as its subject is the same bytes on both sides, and listed as each registry lists such things. */
export async function expectReferrers(
  images: DebianImages,
  from: Place & { readonly listedBy: ListedBy },
  to: Place & { readonly listedBy: ListedBy },
): Promise<void> {
  const digests = [images.packages.digest];
  expect(await referrersOf(from, images.index.digest)).toEqual({ by: from.listedBy, digests });
  expect(await referrersOf(to, images.index.digest)).toEqual({ by: to.listedBy, digests });
  expect(await inspectRaw(to, images.packages.digest)).toBe(await inspectRaw(from, images.packages.digest));
  expect(await whatIsMissing(to, images.packages.digest)).toEqual([]);
  // Where there is an API, a list of our own would be one that nobody keeps.
  expect((await allTags(to)).includes(images.referrersTag)).toBe(to.listedBy === 'tag');
}
