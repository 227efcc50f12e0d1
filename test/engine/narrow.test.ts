import fc from 'fast-check';
import { successors } from '../../engine/graph';
import { type ImageTree, readTree } from '../../engine/image-tree';
import { narrow } from '../../engine/narrow';
import { type Descriptor, isIndex, MediaType, type Platform } from '../../lib/model/descriptor';
import type { Digest } from '../../lib/model/digest';
import { formatPlatform, parsePlatform } from '../../lib/model/platform';
import {
  type Built,
  buildkitAttestation,
  type Content,
  content,
  image,
  index,
  jsonContent,
  multiPlatform,
} from '../../local/images';
import { expectLine, spoilt } from '../spoilt';

const AMD64 = parsePlatform('linux/amd64');
const ARM64 = parsePlatform('linux/arm64');
const ARM = parsePlatform('linux/arm/v7');
const S390X = parsePlatform('linux/s390x');

/** What was read of an image beside its root. */
async function treeOf(built: Built): Promise<{ readonly tree: ImageTree; readonly read: readonly Digest[] }> {
  const contents = new Map([...built.manifests, ...built.blobs].map((one) => [one.descriptor.digest, one.bytes]));
  const read: Digest[] = [];
  const bytesOf = async ({ digest }: Descriptor) => {
    const bytes = contents.get(digest);
    if (bytes === undefined) throw new Error(`no ${digest}`);
    read.push(digest);
    return bytes;
  };
  return { tree: await readTree(built.root.descriptor, { manifest: bytesOf, config: bytesOf }), read };
}

async function narrowed(built: Built, ...platforms: readonly Platform[]) {
  const { tree } = await treeOf(built);
  const part = narrow(tree, platforms);
  const bytes = part.rewritten.get(part.root.digest) ?? bytesIn(built, part.root.digest);
  return { ...part, bytes, document: JSON.parse(Buffer.from(bytes).toString()) };
}

function bytesIn(built: Built, digest: Digest): Uint8Array {
  return (built.manifests.find((one) => one.descriptor.digest === digest) as Content).bytes;
}

const digests = (contents: readonly { readonly root: Content }[]) => contents.map(({ root }) => root.descriptor.digest);
const childrenOf = (document: { manifests: readonly Descriptor[] }) => document.manifests.map(({ digest }) => digest);
const of = (platform: Platform, seed = formatPlatform(platform)) => image({ seed, platform });
const withEntry = (built: Built, more: object): Built => ({
  ...built,
  root: { ...built.root, descriptor: { ...built.root.descriptor, ...more } },
});

describe('one platform of an image', () => {
  it('is its own manifest, from an index of any format', async () => {
    for (const format of ['oci', 'docker'] as const) {
      const whole = multiPlatform({ seed: 'app', format, attestations: true });
      const { root, rewritten } = await narrowed(whole, ARM64);
      expect(root).toEqual(plain((whole.manifests[1] as Content).descriptor));
      expect(rewritten.size).toBe(0);
    }
  });

  it('is its own manifest, too, where the index has no other, beside what is said of it', async () => {
    const only = of(AMD64);
    const whole = index([only, buildkitAttestation(only)]);
    expect((await narrowed(whole, AMD64)).root.digest).toBe(only.root.descriptor.digest);
  });

  it('is the image itself when it is one of that platform, by its config', async () => {
    const single = image({ seed: 'single', platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } });
    const { root } = await narrowed(single, ARM64);
    expect(root).toEqual(plain(single.root.descriptor));
  });

  it('is found in an index in an index', async () => {
    const arm = of(ARM);
    const whole = index([of(AMD64), index([index([arm]), of(ARM64)])]);
    expect((await narrowed(whole, ARM)).root.digest).toBe(arm.root.descriptor.digest);
  });

  it('keeps all forms of it, as an index, where the image has several', async () => {
    const windows = ['10.0.17763', '10.0.20348'].map((version) => {
      const platform = { os: 'windows', architecture: 'amd64' };
      return withEntry(of(platform, version), { platform: { ...platform, 'os.version': version } });
    });
    const whole = index([of(AMD64), ...windows]);
    const { document } = await narrowed(whole, parsePlatform('windows/amd64'));
    expect(childrenOf(document)).toEqual(digests(windows));
    expect(document.manifests[0].platform['os.version']).toBe('10.0.17763');
  });

  it('is found under another spelling', async () => {
    const arm = withEntry(of(ARM), { platform: { os: 'linux', architecture: 'arm', variant: '7' } });
    const whole = index([of(AMD64), arm]);
    expect((await narrowed(whole, parsePlatform('linux/armhf'))).root.digest).toBe(arm.root.descriptor.digest);
  });
});

describe('several platforms of an image', () => {
  const images = [AMD64, ARM64, S390X].map((platform) => of(platform));
  const attestations = images.map((one) => buildkitAttestation(one));
  const annotations = { 'org.opencontainers.image.version': '1.0', 'äöü 🐳': 'x' };
  const whole = index([...images, ...attestations], { annotations });

  it('are an index with just these, and what is said of them, in their order', async () => {
    const { document, root } = await narrowed(whole, S390X, AMD64);
    const [amd64, , s390x] = digests(images);
    const [ofAmd64, , ofS390x] = digests(attestations);
    expect(childrenOf(document)).toEqual([amd64, s390x, ofAmd64, ofS390x]);
    expect(document).toMatchObject({ schemaVersion: 2, mediaType: MediaType.OCI_INDEX, annotations });
    expect(root.mediaType).toBe(MediaType.OCI_INDEX);
  });

  it('are these very bytes, whenever and wherever they are made', async () => {
    const entry = (letter: string, architecture: string) =>
      `{"size":7,"digest":"sha256:${letter.repeat(64)}","mediaType":"${MediaType.OCI_MANIFEST}","platform":{"architecture":"${architecture}","os":"linux"}}`;
    const text = (...entries: string[]) =>
      `{"manifests":[${entries.join(',')}],"mediaType":"${MediaType.OCI_INDEX}","annotations":{"b":"2","a":"\\u00e4"},"schemaVersion":2}`;
    const [amd64, arm64, s390x] = [entry('a', 'amd64'), entry('b', 'arm64'), entry('c', 's390x')];
    const indented = JSON.stringify(JSON.parse(text(amd64, arm64, s390x)), undefined, 3);
    const root = content(MediaType.OCI_INDEX, Buffer.from(indented));
    const part = await narrowed({ root, manifests: [root], blobs: [] }, AMD64, S390X);
    const expected = Buffer.from(text(amd64, s390x).replace('\\u00e4', 'ä'));
    expect(Buffer.from(part.bytes).toString()).toBe(expected.toString());
    expect(part.root).toEqual(plain(content(MediaType.OCI_INDEX, expected).descriptor));
  });

  it('keep entries as they are: fields nobody knows, too', async () => {
    const odd = withEntry(of(ARM), {
      annotations: { 'com.example.a': 'b' },
      data: 'eA==',
      'x-unknown': [1, { y: null }],
    });
    const { document } = await narrowed(index([odd, of(AMD64), of(S390X)]), ARM, AMD64);
    expect(document.manifests[0]).toEqual(odd.root.descriptor);
  });

  it('keep the media type of a Docker list', async () => {
    const list = multiPlatform({ seed: 'docker', format: 'docker', platforms: [AMD64, ARM64, S390X] });
    const { root, document } = await narrowed(list, AMD64, ARM64);
    expect([root.mediaType, document.mediaType]).toEqual([MediaType.DOCKER_LIST, MediaType.DOCKER_LIST]);
  });

  it('are the original, bit for bit, when they are all', async () => {
    const orphan = withEntry(of(ARM, 'orphan'), { platform: { os: 'unknown', architecture: 'unknown' } });
    for (const original of [whole, index([...images, orphan])]) {
      const { root, rewritten } = await narrowed(original, AMD64, ARM64, S390X);
      expect(root).toEqual(plain(original.root.descriptor));
      expect(rewritten.size).toBe(0);
    }
  });

  it('leave out what belongs to no platform', async () => {
    const orphan = withEntry(of(ARM, 'orphan'), { platform: { os: 'unknown', architecture: 'unknown' } });
    const artifact = withEntry(of(ARM, 'artifact'), {
      mediaType: 'application/vnd.example.thing',
      platform: undefined,
    });
    const { document } = await narrowed(index([...images, orphan, artifact]), AMD64, ARM64);
    expect(childrenOf(document)).toEqual(digests(images.slice(0, 2)));
  });

  it('rewrite an index in an index, and keep one that loses nothing', async () => {
    const kept = index([of(AMD64), of(ARM64)]);
    const lost = index([of(S390X), of(ARM)]);
    const gone = index([of(S390X, 'other')]);
    const { document, rewritten } = await narrowed(index([kept, lost, gone]), AMD64, ARM64, ARM);
    const [first, second, ...others] = childrenOf(document);
    expect([first, others]).toEqual([kept.root.descriptor.digest, []]);
    const inner = JSON.parse(Buffer.from(rewritten.get(second as Digest) ?? '').toString());
    expect(childrenOf(inner)).toEqual(digests([of(ARM)]));
    expect(document.manifests[1]).toMatchObject({ size: rewritten.get(second as Digest)?.byteLength });
  });

  it('find the platform of a child that the index says nothing of in its config', async () => {
    const silent = [AMD64, ARM64, ARM].map((platform) => withEntry(of(platform), { platform: undefined }));
    const built = index(silent);
    expect(childrenOf((await narrowed(built, ARM, AMD64)).document)).toEqual([digests(silent)[0], digests(silent)[2]]);
  });

  it('read nothing but the index when that says it all', async () => {
    expect((await treeOf(whole)).read).toEqual([whole.root.descriptor.digest]);
  });
});

describe('a platform that an image has not', () => {
  const lists = multiPlatform({ seed: 'app', attestations: true });
  it.each<[string, Built, readonly Platform[], RegExp]>([
    [
      'of an index',
      lists,
      [S390X],
      /^got no linux\/s390x; of linux\/amd64, linux\/arm64 those that are wanted would do$/,
    ],
    [
      'of an index, beside one that it has',
      lists,
      [AMD64, S390X, ARM],
      /^got no linux\/s390x, linux\/arm\/v7; of linux\/amd64/,
    ],
    ['of a single image', image({ seed: 'x' }), [ARM64], /^got no linux\/arm64; of linux\/amd64 those/],
    [
      'of a single image, beside its own',
      image({ seed: 'x' }),
      [AMD64, ARM64],
      /^got no linux\/arm64; of linux\/amd64/,
    ],
    [
      'of what has none',
      index([]),
      [AMD64],
      /^got no linux\/amd64; nothing there has a platform: no platforms would do$/,
    ],
  ])('%s is named in one line, with those it has', async (_, built, platforms, line) => {
    await expect(narrowed(built, ...platforms)).rejects.toThrow(line);
  });

  it('leaves at most twelve in the line', async () => {
    const many = index(Array.from({ length: 40 }, (_, i) => of({ os: 'linux', architecture: `made-up-${i}` })));
    await expect(narrowed(many, AMD64)).rejects.toThrow(/^[^\n]{1,400}… 40 in all those that are wanted would do$/);
  });

  it('is one with a name that drives no terminal', async () => {
    const bad = withEntry(of(ARM), { platform: { os: 'li\u001b[2Jnux', architecture: 'x' } });
    await expect(narrowed(index([bad]), AMD64)).rejects.toThrow(/li\ufffd\[2jnux/);
  });
});

describe('what is no image', () => {
  const tell = (value: unknown, mediaType: string = MediaType.OCI_INDEX) => {
    const root = jsonContent(mediaType, value);
    return treeOf({ root, manifests: [root], blobs: [] });
  };
  it('is refused as a copy of it would be', async () => {
    await expect(tell({ manifests: [{ digest: 'x' }] })).rejects.toThrow(/manifests\[0\]\.digest/);
    await expect(tell([], MediaType.OCI_MANIFEST)).rejects.toThrow(/a JSON object would do/);
    await expect(tell({ schemaVersion: 1 }, MediaType.DOCKER_SCHEMA1_SIGNED)).rejects.toThrow(/schema 1/);
  });
  it('is read no further than a bound', async () => {
    let deep = index([of(AMD64)]);
    for (let depth = 0; depth < 9; depth++) deep = index([deep]);
    await expect(treeOf(deep)).rejects.toThrow(/got an index in an index; at most 8 deep would do/);
    const silent = withEntry(of(AMD64), { platform: undefined });
    const entries = Array.from({ length: 1_000 }, () => silent);
    await expect(treeOf(index(entries))).rejects.toThrow(/more than 1000 manifests and configs/);
  });
});

/** Any index: images of platforms that may occur twice, attestations, orphans, indexes in it. */
const anyIndex: fc.Arbitrary<Built> = fc.letrec<{ index: Built; child: Built }>((tie) => ({
  index: fc.array(tie('child'), { minLength: 1, maxLength: 5 }).map((children) => {
    const about = children.filter((_, i) => i % 2 === 0).map((child) => buildkitAttestation(child));
    return index([...children, ...about]);
  }),
  child: fc.oneof(
    { depthSize: 'small', maxDepth: 2 },
    fc
      .tuple(fc.constantFrom(AMD64, ARM64, ARM, S390X), fc.constantFrom('a', 'b'))
      .map(([platform, seed]) => of(platform, `${seed}/${formatPlatform(platform)}`)),
    tie('index'),
  ),
})).index;

it('is always an image: all that it names is there or rewritten, it has just what was wanted, and is the same each time', async () => {
  const wanted = fc.subarray([AMD64, ARM64, ARM, S390X], { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(anyIndex, wanted, async (built, platforms) => {
      const { tree } = await treeOf(built);
      let part: ReturnType<typeof narrow>;
      try {
        part = narrow(tree, platforms);
      } catch (error) {
        expect((error as Error).message).toMatch(/^got no linux\/[^\n]+ would do$/);
        return;
      }
      const again = narrow((await treeOf(built)).tree, [...platforms].reverse());
      expect(again.root).toEqual(part.root);

      const all = new Map(built.manifests.map((one) => [one.descriptor.digest, one.bytes]));
      for (const [digest, bytes] of part.rewritten) all.set(digest, bytes);
      const reached = (descriptor: Descriptor): readonly Descriptor[] => {
        const bytes = all.get(descriptor.digest);
        if (bytes === undefined) throw new Error(`no ${descriptor.digest}`);
        expect(descriptor.size).toBe(bytes.byteLength);
        return [descriptor, ...successors(descriptor, bytes).manifests.flatMap(reached)];
      };
      const there = reached(part.root);
      expect(there.every(({ digest }) => all.has(digest))).toBe(true);

      const contents = [...all].map(([digest, bytes]) => ({ descriptor: { digest }, bytes }) as Content);
      const result: Built = {
        root: { descriptor: part.root, bytes: all.get(part.root.digest) ?? Buffer.of() },
        manifests: contents,
        blobs: built.blobs,
      };
      // Whoever narrows what is narrowed gets the same.
      expect(narrow((await treeOf(result)).tree, platforms).root.digest).toBe(part.root.digest);
      const found = isIndex(part.root.mediaType) ? namesIn(result) : platforms.map(formatPlatform);
      expect(new Set(found)).toEqual(new Set(platforms.map(formatPlatform)));
    }),
    { numRuns: 60 },
  );
});

it('is a part, or a line that says why not, whatever the index, a manifest or a config says', async () => {
  const child = withEntry(of(ARM64), { platform: undefined });
  const whole = index([of(AMD64), buildkitAttestation(of(AMD64)), child], { annotations: { a: 'b' } });
  const documents = [whole.root, ...child.manifests, ...child.blobs].filter(({ bytes }) => bytes[0] === 0x7b);
  const bad = fc
    .constantFrom(...documents)
    .chain((good) =>
      spoilt(JSON.parse(Buffer.from(good.bytes).toString())).map((value) => ({ of: good.descriptor.digest, value })),
    );
  await fc.assert(
    fc.asyncProperty(bad, async ({ of: digest, value }) => {
      const bytesOf = async (asked: Descriptor) => {
        const found = [...whole.manifests, ...whole.blobs].find((one) => one.descriptor.digest === asked.digest);
        return asked.digest === digest ? Buffer.from(JSON.stringify(value) ?? '') : (found?.bytes ?? Buffer.from('{}'));
      };
      try {
        const tree = await readTree(whole.root.descriptor, { manifest: bytesOf, config: bytesOf });
        const { root, rewritten } = narrow(tree, [AMD64, ARM64]);
        expect(rewritten.has(root.digest) || root.digest === whole.root.descriptor.digest).toBe(true);
      } catch (error) {
        expectLine(error, 'Unsupported');
      }
    }),
  );
});

/** Platforms that the indexes of an image name. */
function namesIn(built: Built): readonly string[] {
  return built.manifests.flatMap(({ bytes, descriptor }) => {
    const { manifests = [] } = JSON.parse(Buffer.from(bytes).toString()) as { manifests?: Descriptor[] };
    const isPart = descriptor.digest === built.root.descriptor.digest;
    if (!isPart) return [];
    return manifests.flatMap((entry) => {
      if (isIndex(entry.mediaType)) {
        const inner = built.manifests.find((one) => one.descriptor.digest === entry.digest) as Content;
        return namesIn({ ...built, root: { descriptor: entry, bytes: inner.bytes } });
      }
      return entry.platform === undefined || entry.platform.os === 'unknown' ? [] : [formatPlatform(entry.platform)];
    });
  });
}

function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
