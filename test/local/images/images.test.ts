import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar';
import {
  cosignTag,
  EMPTY,
  image,
  multiPlatform,
  nestedIndex,
  seededBytes,
  seededStream,
  sha256,
} from '../../../local/images';

const json = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString());

describe('built images', () => {
  it('are the same for the same seed, and others for another', () => {
    const digest = (seed: string) => multiPlatform({ seed, attestations: true }).root.descriptor.digest;
    expect(digest('a')).toBe(digest('a'));
    expect(digest('a')).not.toBe(digest('b'));
  });

  it('share layers of the same seed', () => {
    const [a, b] = [image({ seed: 'a', layers: ['base', 'a'] }), image({ seed: 'b', layers: ['base', 'b'] })];
    expect(a.blobs[1]?.descriptor).toEqual(b.blobs[1]?.descriptor);
    expect(a.blobs[2]?.descriptor.digest).not.toBe(b.blobs[2]?.descriptor.digest);
  });

  it('have layers that tar unpacks, with the diff ids that their config names', async () => {
    const [config, layer] = image({ seed: 'a' }).blobs;
    const folder = mkdtempSync(join(tmpdir(), 'layer-'));
    writeFileSync(join(folder, 'layer.tgz'), layer?.bytes ?? '');
    await extract({ file: join(folder, 'layer.tgz'), cwd: folder });
    expect(readFileSync(join(folder, 'etc/seed'), 'utf8')).toBe('a/base\n');
    expect(json(config?.bytes ?? EMPTY.bytes).rootfs.diff_ids[0]).toBe(sha256(gunzipSync(layer?.bytes ?? '')));
    rmSync(folder, { recursive: true });
  });

  it('come children first, each once', () => {
    const nested = nestedIndex({ seed: 'a' });
    const seen = new Set<string>();
    for (const { descriptor, bytes } of nested.manifests) {
      for (const child of json(bytes).manifests ?? []) expect(seen).toContain(child.digest);
      expect(seen).not.toContain(descriptor.digest);
      seen.add(descriptor.digest);
    }
    expect(nested.manifests.at(-1)).toBe(nested.root);
  });

  it('have attestations as BuildKit marks them', () => {
    const children = json(multiPlatform({ seed: 'a', attestations: true }).root.bytes).manifests;
    expect(children[2]).toMatchObject({
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': children[0].digest,
      },
    });
  });

  it('use the well-known empty descriptor and the tag where cosign looks', () => {
    const digest = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';
    expect(EMPTY.descriptor).toEqual({
      mediaType: 'application/vnd.oci.empty.v1+json',
      digest: `sha256:${digest}`,
      size: 2,
    });
    expect(cosignTag(EMPTY.descriptor)).toBe(`sha256-${digest}.sig`);
  });

  it('stream the bytes that they would hold', async () => {
    const hash = createHash('sha256');
    for await (const chunk of seededStream('a', 100_001, 4096)) hash.update(chunk);
    expect(`sha256:${hash.digest('hex')}`).toBe(sha256(seededBytes('a', 100_001)));
  });
});
