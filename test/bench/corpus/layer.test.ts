import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar';
import { describeLayer, type Layer, layerBytes } from '../../../bench/corpus/layer';
import { seededBytes } from '../../../local/images';

const MIB = 1024 * 1024;

async function bytesOf(layer: Layer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of layerBytes(layer)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('a layer of the corpus', () => {
  it('has the digests that are said of it, outside and inside', async () => {
    const layer = { seed: 'a', size: 700_000 };
    const bytes = await bytesOf(layer);
    const { descriptor, diffId } = await describeLayer(layer);
    expect(descriptor).toMatchObject({ digest: sha256(bytes), size: bytes.length });
    expect(diffId).toBe(sha256(gunzipSync(bytes)));
  });

  it('is gzip of a tar archive, which tar unpacks to seeded bytes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'layer-'));
    writeFileSync(join(folder, 'layer.tgz'), await bytesOf({ seed: 'b', size: 300_000 }));
    await extract({ file: join(folder, 'layer.tgz'), cwd: folder });
    const content = readFileSync(join(folder, 'usr/lib/content'));
    rmSync(folder, { recursive: true });
    expect(content.equals(seededBytes('b', content.length))).toBe(true);
  });

  it.each([4096, 32 * 1024, 65_536, 262_141, 262_140 * 2, MIB])(
    'of %d bytes has as many, or hardly fewer',
    async (size) => {
      const { descriptor } = await describeLayer({ seed: 'c', size });
      expect(descriptor.size).toBeLessThanOrEqual(size);
      expect(descriptor.size).toBeGreaterThan(size - 1024);
    },
  );

  it('is another one for another seed or size', async () => {
    const layers = [
      { seed: 'd', size: 9000 },
      { seed: 'e', size: 9000 },
      { seed: 'd', size: 12_000 },
    ];
    const digests = await Promise.all(layers.map(async (layer) => (await describeLayer(layer)).descriptor.digest));
    expect(new Set(digests).size).toBe(3);
  });
});
