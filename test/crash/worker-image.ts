import { artifact, type Built, COSIGN_SIGNATURE, image, index } from '../../local/images';

/** What the workers that crash are copying: an index of one platform, and what signs it. */
const platform = image({ seed: 'crash', layers: ['crash'], layerSize: 200_000 });
export const IMAGE: Built = index([platform]);
export const SIGNATURE: Built = artifact({ artifactType: COSIGN_SIGNATURE, subject: IMAGE.root.descriptor });
export const TAG = '1.0';

const [config, layer] = platform.blobs;
const [empty] = SIGNATURE.blobs;
/** What digests are called in reports. */
const NAMES: ReadonlyMap<string | undefined, string> = new Map([
  [IMAGE.root.descriptor.digest, 'index'],
  [platform.root.descriptor.digest, 'image'],
  [config?.descriptor.digest, 'config'],
  [layer?.descriptor.digest, 'layer'],
  [SIGNATURE.root.descriptor.digest, 'signature'],
  [empty?.descriptor.digest, 'empty blob'],
]);

/** The part of the image that a path is about, as far as it says so: `layer`, `tag`, `index.sig` for cosign's tag. */
export function partNamed(path: string): string | undefined {
  const { pathname, searchParams } = new URL(path, 'http://registry');
  const last = searchParams.get('digest') ?? pathname.slice(pathname.lastIndexOf('/') + 1);
  if (last === TAG) return 'tag';
  const [, hex, suffix] = /^sha256[:-]([0-9a-f]{64})(\.\w+)?$/.exec(decodeURIComponent(last)) ?? [];
  return hex === undefined ? undefined : `${NAMES.get(`sha256:${hex}`) ?? hex}${suffix ?? ''}`;
}
