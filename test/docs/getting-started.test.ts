import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { multiPlatform, pushBuilt } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';
import { synthesize } from '../../local/synth';
import { type Bench, digestAt, openBench } from '../bin/drive';
import { blocks, namedBlocks, ROOT, read, section, typed } from './documents';

const page = read('docs/getting-started.md');
const built = (name: string, tag: string) => multiPlatform({ seed: `${name}:${tag}` });
const HUB: Readonly<Record<string, readonly string[]>> = {
  'library/busybox': ['1.36', 'latest'],
  'library/nginx': ['1.24.0', '1.26.3', '1.27.4', '1.28-perl', '1.28.0', 'latest'],
};
const QUAY = { 'prometheus/node-exporter': ['v1.8.2', 'v1.9.0'] };

/** What is another image's, or another run's: sizes, digests, counts of requests, times. Columns are as wide as these. */
const alike = (line: string) =>
  line
    .replace(/\d[\d.]* (?:B|kB|MB|GB|s|min|requests)(?![a-z])/g, '…')
    .replace(/\b\d{8}T\d{6}Z-[0-9a-f]{6}\b|\b[0-9a-f]{7,64}\b/g, '…')
    .replace(/oci:\S*images:/, 'oci:images:')
    .replace(/ {2,}/g, '  ')
    .trimEnd();
/** Images are copied side by side, and told of as they end. */
const inOrder = (lines: readonly string[]) => [
  ...lines.filter((line) => line.startsWith('copied ')).sort(),
  ...lines.filter((line) => !line.startsWith('copied ')),
];

let bench: Bench;
let hub: RunningRegistry;
let quay: RunningRegistry;

async function stock(registry: RunningRegistry, images: Readonly<Record<string, readonly string[]>>): Promise<void> {
  for (const [name, tags] of Object.entries(images))
    for (const tag of tags) await pushBuilt(registry.address, name, built(name, tag), [tag]);
  registry.forgetRequests();
}

/** The commands of a section in turn, and what was printed by those in front of each output that the page shows. */
async function follow(heading: string, more: readonly string[] = []): Promise<string[]> {
  const text = section(page, heading);
  const shown: string[] = [];
  let printed: string[] = [];
  for (const [, language, body = ''] of text.matchAll(/^```(console|text)\n([\s\S]*?)^```$/gm)) {
    if (language === 'text') {
      shown.push(inOrder(printed).map(alike).join('\n'));
      continue;
    }
    printed = [];
    for (const [npx, program, ...words] of typed(`\`\`\`console\n${body}\`\`\`\n`)) {
      if (npx !== 'npx' || program !== 'ecr-mirror') continue;
      const { code, out, err } = await bench.run([...words, ...more]);
      expect({ words, code, err: code === 0 ? [] : err }).toEqual({ words, code: 0, err: [] });
      printed.push(...out);
    }
  }
  return shown;
}

const outputs = (heading: string) =>
  blocks(section(page, heading), 'text').map((text) => inOrder(text.trimEnd().split('\n')).map(alike).join('\n'));

beforeEach(async () => {
  bench = openBench();
  [hub, quay] = await Promise.all([bench.registry(), bench.registry()]);
  await stock(hub, HUB);
  await stock(quay, QUAY);
});
afterEach(() => bench.close());

describe('whoever begins', () => {
  it('sees on one machine what the page shows', async () => {
    const mirror = await bench.registry();
    bench.env.REGISTRY_ENDPOINTS = JSON.stringify({
      'docker.io': hub.address,
      'quay.io': quay.address,
      'registry.example.com': mirror.address,
    });
    for (const { name, body } of namedBlocks(page)) bench.write(name, body);
    const seen = await follow('## On one machine');
    expect(seen).toEqual(outputs('## On one machine'));
    expect(digestAt(mirror, 'monitoring/node-exporter', 'v1.8.2')).toBe(
      digestAt(quay, 'prometheus/node-exporter', 'v1.8.2'),
    );
  });

  it('deploys the app of the page, and pulls what its commands have mirrored', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'getting-started-'));
    const [, registry = '', name = '', tag = ''] = /docker pull ([^/\s]+)\/(\S+):(\S+)/.exec(page) ?? [];
    const own = await bench.registry({
      personality: { kind: 'ecr', account: '111122223333', region: 'eu-west-1', repositories: [] },
    });
    const before = { ...process.env };
    let stack: LocalStack | undefined;
    try {
      const app = namedBlocks(page).find((block) => block.name === 'app.ts')?.body ?? '';
      const file = join(folder, 'app.ts');
      writeFileSync(
        file,
        app
          .replace("'cdk-ecr-mirror'", `'${join(ROOT, 'lib/index')}'`)
          .replace("'aws-cdk-lib'", `'${join(ROOT, 'node_modules/aws-cdk-lib')}'`),
      );
      await synthesize(join(folder, 'out'), file);
      stack = await startStack({ assembly: join(folder, 'out'), registries: { 'docker.io': hub, [registry]: own } });
      Object.assign(process.env, stack.environment);
      await stack.waitUntilIdle();
      const seen = await follow('## In AWS');
      expect(seen).toEqual(outputs('## In AWS'));
      expect(digestAt(own, name, tag)).toBe(built('library/busybox', '1.36').root.descriptor.digest);
    } finally {
      await stack?.stop();
      process.env = before;
      rmSync(folder, { recursive: true });
    }
  }, 60_000);
});
