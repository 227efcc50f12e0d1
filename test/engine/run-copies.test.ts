import { runCopies } from '../../engine/run-copies';
import type { Copy } from '../../lib/model/copy';
import type { Descriptor } from '../../lib/model/descriptor';
import { parseReference } from '../../lib/model/reference';
import { type Call, ImageMaker, MemoryRegistries } from '../fakes/memory-store';

const clock = { now: () => 0, sleep: async () => undefined };

function copyOf(source: string, root: Descriptor, destination: string): Copy {
  return {
    mirrors: [source],
    source: { ...parseReference(source), digest: root.digest },
    root,
    destinations: [{ reference: parseReference(destination), why: 'missing' }],
    referrers: false,
  };
}

/** Counts how many calls of a kind are under way at once: each lasts until as many are, or no more come. */
function crowd(registries: MemoryRegistries, wanted: (call: Call) => boolean): { most: number } {
  const seen = { most: 0 };
  let under = 0;
  registries.fault = async (call) => {
    if (!wanted(call)) return;
    seen.most = Math.max(seen.most, ++under);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    under--;
  };
  return seen;
}

async function run(copies: readonly Copy[], registries: MemoryRegistries): Promise<void> {
  for await (const { outcome } of runCopies(copies, { stores: registries.stores, clock })) {
    expect(outcome).toMatchObject({ state: 'Mirrored' });
  }
}

describe('many copies', () => {
  it('are under way side by side', async () => {
    const registries = new MemoryRegistries();
    const names = Array.from({ length: 24 }, (_, at) => `app-${at}`);
    const copies = names.map((name) => {
      const root = new ImageMaker(registries.store(`docker.io/our/${name}`)).image([name], {}, '1');
      return copyOf(`docker.io/our/${name}:1`, root, `one.example/${name}:1`);
    });
    const reads = crowd(registries, ({ operation }) => operation === 'fetchBlob');
    await run(copies, registries);
    expect(reads.most).toBeGreaterThanOrEqual(24);
  });

  it('take a layer over side by side once one of them has brought it, and read it once', async () => {
    const registries = new MemoryRegistries();
    const copies = Array.from({ length: 16 }, (_, at) => {
      const root = new ImageMaker(registries.store(`docker.io/our/app-${at}`)).image(['base', `own ${at}`], {}, '1');
      return copyOf(`docker.io/our/app-${at}:1`, root, `one.example/app-${at}:1`);
    });
    const mounts = crowd(registries, ({ operation }) => operation === 'mount');
    await run(copies, registries);
    expect(mounts.most).toBeGreaterThanOrEqual(8);
    const reads = registries.calls.filter(({ operation }) => operation === 'fetchBlob').map(({ what }) => what);
    expect(new Set(reads).size).toBe(reads.length);
  });

  it('push a layer once into a repository that they share, where nothing can be taken over', async () => {
    const registries = new MemoryRegistries();
    registries.mounts = () => false;
    const make = new ImageMaker(registries.store('docker.io/our/app'));
    const copies = Array.from({ length: 8 }, (_, at) =>
      copyOf(`docker.io/our/app:${at}`, make.image(['base', `own ${at}`], {}, String(at)), `one.example/app:${at}`),
    );
    crowd(registries, ({ operation }) => operation === 'pushBlob');
    await run(copies, registries);
    const pushed = registries.calls.filter(({ operation }) => operation === 'pushBlob').map(({ what }) => what);
    expect(new Set(pushed).size).toBe(pushed.length);
  });
});
