import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseCommandLine } from '../../bin/arguments';
import { FORMAT_NAMES } from '../../bin/import/formats';
import { type AwsEndpoint, startAwsEndpoint } from '../../local/aws/endpoint';
import { secretNamed } from '../../local/canary';
import { ecrApi } from '../../local/ecr';
import { multiPlatform } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { type Bench, openBench, QUICK } from '../bin/drive';
import { blocks, namedBlocks, ROOT, read, section, tableRows, typed } from './documents';

const FOLDER = 'docs/from';
const INDEX = 'README.md';
const REGISTRIES = ['docker.io', 'quay.io', 'gcr.io', 'cr.root.io', 'icr.io', 'cp.icr.io'];
/** What all of these have; their names do not collide. */
const UPSTREAM: Readonly<Record<string, readonly string[]>> = {
  nginx: ['1.27'],
  python: ['3.12'],
  redis: ['7'],
  'library/nginx': ['1.25.0', '1.26', '1.26.0', '1.27', '1.27.1', '1.27.2', '1.28-perl', 'latest'],
  'library/busybox': ['1.28', '1.36', '1.37'],
  'library/redis': ['7', '8'],
  'grafana/grafana': ['10.4.0', '11.0.0', '11.2.1', '12.0.0'],
  'prometheus/node-exporter': ['v1.7.0', 'v1.8.2', 'v1.9.0-rc.1', 'v1.9.0', 'v2.0.0'],
  'distroless/static': ['nonroot', 'latest'],
  'cpopen/ibm-maximo-operator-catalog': ['v9-amd64', 'v8-amd64'],
  'cp/mas/coreapi': ['9.0.5', '9.1.1', '9.1.2'],
};
/** What each page's own example brings into Amazon ECR. */
const ARRIVES: Readonly<Record<string, readonly string[]>> = {
  'images-txt.md': ['root-mirror/nginx:1.27', 'root-mirror/python:3.12', 'root-mirror/redis:7'],
  'aws-ecr-mirror.md': ['nginx:1.27', 'node-exporter:v1.8.2', 'web:stable'],
  'pull-through-cache.md': ['mirror/busybox:1.36', 'mirror/nginx:1.27', 'mirror/prometheus/node-exporter:v1.8.2'],
  'regsync.md': [
    'mirror/distroless/static:nonroot',
    'mirror/docker-hub/nginx:1.26',
    'mirror/docker-hub/nginx:1.27',
    'mirror/docker-hub/nginx:latest',
    'mirror/quay/prometheus/node-exporter:v1.8.2',
    'mirror/quay/prometheus/node-exporter:v1.9.0',
  ],
  'ibm-mas.md': [
    'mas/cp/mas/coreapi:9.1.1',
    'mas/cp/mas/coreapi:9.1.2',
    'mas/cpopen/ibm-maximo-operator-catalog:v9-amd64',
  ],
  'skopeo-sync.md': [
    'mirror/grafana/grafana:11.0.0',
    'mirror/grafana/grafana:11.2.1',
    'mirror/library/busybox:1.36',
    'mirror/library/busybox:1.37',
    'mirror/library/nginx:1.26',
    'mirror/library/nginx:1.27',
    'mirror/library/redis:7',
    'mirror/library/redis:8',
    'mirror/prometheus/node-exporter:v1.8.2',
  ],
  'dregsy.md': [
    'mirror/docker-hub/library/busybox:1.36',
    'mirror/docker-hub/library/nginx:1.27.1',
    'mirror/docker-hub/library/nginx:1.27.2',
  ],
  'image-syncer.md': [
    'mirror/busybox:1.36',
    'mirror/busybox:1.37',
    'mirror/monitoring/node-exporter:stable',
    'mirror/nginx:1.26',
    'mirror/nginx:1.27',
    'mirror/node-exporter:v1.8.2',
  ],
};

const pages = readdirSync(join(ROOT, FOLDER)).filter((name) => name.endsWith('.md') && name !== INDEX);
const textOf = (page: string) => read(join(FOLDER, page));
const commandsOf = (page: string) =>
  typed(textOf(page)).flatMap(([program, ...words]) => (program === 'ecr-mirror' ? [words] : []));

describe('the pages for those who come from other systems', () => {
  it('are all in their table of contents, and have a case each', () => {
    const listed = tableRows(read(join(FOLDER, INDEX))).flatMap(([, link = '']) => /\((.+)\)/.exec(link)?.[1] ?? []);
    expect([...listed].sort()).toEqual([...pages].sort());
    expect(Object.keys(ARRIVES).sort()).toEqual([...pages].sort());
  });

  it.each(pages)('%s says what becomes of what, what is better, and what to watch for', (page) => {
    const text = textOf(page);
    expect(tableRows(section(text, '## What becomes of what')).length).toBeGreaterThanOrEqual(5);
    for (const heading of ['## What is better afterwards', '## What to watch for']) {
      expect(section(text, heading).match(/^- /gm)?.length).toBeGreaterThanOrEqual(2);
    }
  });

  it('leave out no format that a file of another program has', () => {
    const formats = FORMAT_NAMES.filter((name) => name !== 'repository-tags' && name !== 'image-list');
    expect(pages.length).toBeGreaterThan(formats.length);
  });
});

describe('what the page says is done', () => {
  let bench: Bench;
  let aws: AwsEndpoint;
  let ecr: RunningRegistry;
  const before = { ...process.env };

  /** The page's own registry is Amazon ECR, empty; whatever it reads from is one embedded registry. */
  async function open(page: string): Promise<void> {
    bench = openBench();
    const upstream = await bench.registry();
    for (const [name, tags] of Object.entries(UPSTREAM))
      for (const tag of tags) upstream.state.place(name, multiPlatform({ seed: `${name}:${tag}` }), tag);
    const [host = '', account = '', region = ''] =
      /(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/.exec(textOf(page)) ?? [];
    ecr = await bench.registry({ personality: { kind: 'ecr', account, region, repositories: [] } });
    const plane = ecrApi(ecr);
    aws = await startAwsEndpoint({
      ecr: ({ operation, input, accessKeyId }) => ({ output: plane(operation, input, accessKeyId) as never }),
    });
    const reached = REGISTRIES.map((name) => [name, upstream.address]);
    const bucket = [String(ecr.bucketHost), `http://${ecr.bucketHost}`];
    bench.env.REGISTRY_ENDPOINTS = JSON.stringify(Object.fromEntries([...reached, bucket, [host, ecr.address]]));
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIALOCALLOCALLOCALL',
      AWS_SECRET_ACCESS_KEY: secretNamed('key'),
      AWS_ENDPOINT_URL: aws.url,
    });
    for (const { name, body } of namedBlocks(textOf(page))) bench.write(name, body);
  }

  afterEach(async () => {
    await aws.close();
    await bench.close();
    process.env = { ...before };
  });

  it.each(pages)('%s', async (page) => {
    await open(page);
    for (const words of commandsOf(page)) {
      const invocation = parseCommandLine(words);
      if (invocation.kind !== 'run' || words.includes('--stack')) continue;
      const quick = ['copy', 'plan', 'sync', 'verify', 'tags'].includes(invocation.command.name) ? QUICK : [];
      // What the page itself says comes last, and counts.
      const { code, err } = await bench.run([words[0] ?? '', ...quick, ...words.slice(1)]);
      expect({ words, code, failed: err.filter((line) => !line.startsWith('not carried')) }).toMatchObject({ code: 0 });
    }
    const imported = parse(readFileSync(join(bench.folder, 'mirrors.yaml'), 'utf8'));
    const [said = ''] = blocks(textOf(page), 'yaml').filter((block) => block.startsWith('mirrors:'));
    expect(imported).toEqual(parse(said));
    const there = [...ecr.state.repositories].flatMap(([name, { tags }]) =>
      [...tags.keys()].map((tag) => `${name}:${tag}`),
    );
    expect(there.sort()).toEqual(ARRIVES[page]);
    const planned = await bench.run(['plan', '-f', 'mirrors.yaml', '--detailed-exitcode', ...QUICK]);
    expect(planned.code).toBe(0);
  });
});
