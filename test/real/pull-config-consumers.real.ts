import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MediaType } from '../../lib/model/descriptor';
import { ecrMirror, expectExit } from './ecr-mirror';
import { describeWith, which } from './needs';
import { start } from './process';
import { pushBlob, pushImage } from './push';
import { type RealRegistry, startDockerRegistry } from './registries';
import { newFolder } from './temporary';

/** What was made is read by the code of those who are to read it, and by the schemas of their resources. */

const ONE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const TWO = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const BOTH = ['--registry', `${ONE},${TWO}`];
const DIGEST = `sha256:${'a'.repeat(64)}`;
const MIRRORS = [
  { source: 'nginx:1.27', destination: [`${ONE}/mirror/docker-hub/library/nginx`, `${TWO}/hub/library/nginx`] },
  { source: 'grafana/grafana:11', destination: [`${ONE}/mirror/docker-hub/grafana/grafana`] },
  { source: 'quay.io/prometheus/prometheus:v3', destination: [`${ONE}/prometheus/prometheus`] },
];
const DEFINITIONS = resolve('build/definitions');

const folder = newFolder();
afterAll(() => folder.remove());
let made = 0;

/** What `pull-config` makes of a kind, in a folder of its own. */
async function make(kind: string, ...flags: readonly string[]): Promise<string> {
  made += 1;
  const place = join(folder.path, String(made));
  const file = join(folder.path, 'mirrors.yaml');
  writeFileSync(file, JSON.stringify({ mirrors: MIRRORS }));
  expectExit(await ecrMirror('pull-config', kind, '--quiet', '-f', file, '-o', place, ...flags), 0);
  return place;
}

/** What a reader understood. @throws with what it refuses */
async function read(reader: string, ...args: readonly string[]) {
  const env = { PATH: `${folder.path}:${process.env.PATH}` };
  const { code, stdout, stderr } = await start(which('pull-config-consumers') as string, [reader, ...args], { env })
    .ended;
  if (code !== 0) throw new Error(stderr.trim());
  return JSON.parse(stdout);
}

/** A file with a fault in it. @throws unless that changes it */
function spoil(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file}: nothing to spoil: ${text}`);
  writeFileSync(file, text.replace(from, to));
}

describeWith(['pull-config-consumers', 'docker-registry'], 'containerd, told by pull-config', () => {
  const hub = { URL: `https://${ONE}/v2/mirror/docker-hub`, Pull: true, Resolve: true, Push: false };
  const further = { URL: `https://${TWO}/v2/hub`, Pull: true, Resolve: true, Push: false };
  const certs = async (...flags: readonly string[]) =>
    join(await make('containerd', ...flags), 'etc/containerd/certs.d');
  let registry: RealRegistry;
  let digest: string;

  beforeAll(async () => {
    registry = await startDockerRegistry();
    const place = { url: registry.url, repository: 'hub/library/nginx' };
    const layer = await pushBlob(place, Buffer.from('a layer'), MediaType.OCI_LAYER);
    digest = (await pushImage(place, '1.27', [layer])).digest;
  });
  afterAll(() => registry.close());

  it('asks the mirrors in order, then the source', async () => {
    const at = await certs(...BOTH);
    const source = expect.objectContaining({ URL: 'https://registry-1.docker.io/v2', Pull: true });
    expect(await read('containerd', at, 'docker.io')).toEqual([hub, further, source]);
    const quay = { ...hub, URL: `https://${ONE}/v2` };
    expect(await read('containerd', at, 'quay.io')).toEqual([
      quay,
      expect.objectContaining({ URL: 'https://quay.io/v2' }),
    ]);
  });
  it('never asks a source that is not to be asked, whose registries are mirrored below a path or not', async () => {
    const at = await certs(...BOTH, '--no-fallback');
    const hosts = [...(await read('containerd', at, 'docker.io')), ...(await read('containerd', at, 'quay.io'))];
    expect(new Set(hosts.map(({ URL: url }) => new URL(url).host))).toEqual(new Set([ONE, TWO]));
  });
  it('finds an image that only the second mirror has, under the path that it has there', async () => {
    const at = await certs(...BOTH);
    const { digest: found, asked } = await read('resolve', at, 'docker.io/library/nginx:1.27', registry.url);
    expect(found).toBe(digest);
    expect(asked.slice(0, 2)).toEqual([
      `HEAD https://${ONE}/v2/mirror/docker-hub/library/nginx/manifests/1.27?ns=docker.io`,
      `HEAD https://${TWO}/v2/hub/library/nginx/manifests/1.27?ns=docker.io`,
    ]);
  });
  it('would be told something else by a file without override_path', async () => {
    const at = await certs();
    spoil(join(at, 'docker.io/hosts.toml'), '  override_path = true\n', '');
    const [first] = await read('containerd', at, 'docker.io');
    expect(first.URL).toBe(`https://${ONE}/v2/mirror/docker-hub/v2`);
    spoil(join(at, 'docker.io/hosts.toml'), '["pull", "resolve"]', '["pull", "resolve"');
    await expect(read('containerd', at, 'docker.io')).rejects.toThrow('containerd complains');
  });
  it('is told the same on nodes of EKS, by user data whose NodeConfig is as its definition wants it', async () => {
    const file = join(await make('eks-nodeadm', ...BOTH), 'user-data.txt');
    const [script, config] = await read('user-data', file, DEFINITIONS);
    expect([script.Type, config.Type]).toEqual(['text/x-shellscript', 'application/node.eks.aws']);
    const root = join(folder.path, 'node');
    const sh = script.Text.replaceAll('/etc/containerd/certs.d', root);
    expect((await start('bash', ['-c', sh]).ended).code).toBe(0);
    expect((await read('containerd', root, 'docker.io')).slice(0, 2)).toEqual([hub, further]);
    spoil(file, 'containerd:', 'containers:');
    await expect(read('user-data', file, DEFINITIONS)).rejects.toThrow('unknown fields [spec.containers]');
  });
});

describeWith(['pull-config-consumers'], 'what pulls by registries.conf, told by pull-config', () => {
  const conf = async (...flags: readonly string[]) =>
    join(await make('crio', ...BOTH, ...flags), 'etc/containers/registries.conf.d/50-ecr-mirror.conf');
  const mirrors = (rest: string) => [
    `${ONE}/mirror/docker-hub/library/nginx${rest}`,
    `${TWO}/hub/library/nginx${rest}`,
  ];

  it('asks the mirrors in order, then the source', async () => {
    const found = await read('registries', await conf(), 'docker.io/library/nginx:1.27');
    expect(found).toEqual({
      Prefix: 'docker.io/library/nginx',
      Blocked: false,
      Pull: [...mirrors(':1.27'), 'docker.io/library/nginx:1.27'],
    });
  });
  it('is kept from the source, and by digest alone from nothing else', async () => {
    const file = await conf('--no-fallback', '--digests-only');
    const of = (image: string) => read('registries', file, image);
    const source = 'docker.io/library/nginx';
    expect(await of(`${source}@${DIGEST}`)).toMatchObject({
      Blocked: true,
      Pull: [...mirrors(`@${DIGEST}`), `${source}@${DIGEST}`],
    });
    expect(await of(`${source}:1.27`)).toMatchObject({ Blocked: true, Pull: [`${source}:1.27`] });
  });
  it('refuses a key that there is not, and a mirror without a place', async () => {
    const file = await conf('--digests-only');
    spoil(file, '"digest-only"', '"digests-only"');
    await expect(read('registries', file, 'docker.io/library/nginx:1')).rejects.toThrow('pull-from-mirror');
    const other = await conf();
    spoil(other, `location = "${ONE}/mirror/docker-hub/grafana/grafana"`, 'location = ""');
    await expect(read('registries', other, 'docker.io/library/nginx:1')).rejects.toThrow('location');
  });
});

describeWith(['pull-config-consumers'], 'OpenShift, told by pull-config', () => {
  /** Both sets as one stream, as `oc apply -f FOLDER` takes them. */
  async function sets(...flags: readonly string[]): Promise<string> {
    const at = await make('openshift', ...BOTH, ...flags);
    const digests = readFileSync(join(at, 'image-digest-mirror-set.yaml'), 'utf8');
    const tags = flags.includes('--digests-only') ? '' : `---\n${readFileSync(join(at, 'image-tag-mirror-set.yaml'))}`;
    const file = join(at, 'sets.yaml');
    writeFileSync(file, `${digests}${tags}`);
    return file;
  }
  const images = ['docker.io/library/nginx:1.27', `docker.io/library/nginx@${DIGEST}`];
  const mirrors = (rest: string) => [
    `${ONE}/mirror/docker-hub/library/nginx${rest}`,
    `${TWO}/hub/library/nginx${rest}`,
  ];

  it('has its nodes ask the mirrors in order, by tag and by digest', async () => {
    const file = await sets('--labels', 'team=platform', '--argo-cd');
    expect(await read('resource', file, DEFINITIONS)).toEqual(['ImageDigestMirrorSet', 'ImageTagMirrorSet']);
    for (const image of images) {
      const { Pull, Blocked } = await read('mirror-sets', file, image);
      expect([Blocked, Pull]).toEqual([false, [...mirrors(image.slice('docker.io/library/nginx'.length)), image]]);
    }
  });
  it('keeps its nodes from the source, and lets them ask it by tag where mirrors are for digests', async () => {
    const [tag = '', digest = ''] = images;
    expect(await read('mirror-sets', await sets('--no-fallback'), tag)).toMatchObject({ Blocked: true });
    const file = await sets('--digests-only');
    expect((await read('mirror-sets', file, tag)).Pull).toEqual([tag]);
    expect((await read('mirror-sets', file, digest)).Pull).toHaveLength(3);
  });
  it('refuses a field that there is not, a policy that there is not, and a mirror with a tag', async () => {
    const faults = [
      ['mirrorSourcePolicy', 'sourcePolicy', 'unknown field'],
      ['AllowContactingSource', 'AskSource', 'Unsupported value'],
      [`${ONE}/mirror/docker-hub/grafana/grafana`, `${ONE}/mirror/docker-hub/grafana/grafana:11`, 'should match'],
    ] as const;
    for (const [from, to, problem] of faults) {
      const file = await sets();
      spoil(file, from, to);
      await expect(read('resource', file, DEFINITIONS)).rejects.toThrow(problem);
    }
    const file = await sets();
    spoil(file, 'mirrorSourcePolicy', 'sourcePolicy');
    await expect(read('mirror-sets', file, images[0] as string)).rejects.toThrow('unknown field "');
  });
});

describeWith(['pull-config-consumers'], 'those who name the mirror themselves, told by pull-config', () => {
  it('Kyverno’s API server takes the policy, and none with a field that there is not', async () => {
    const file = join(await make('kyverno', '--labels', 'team=platform', '--argo-cd'), 'cluster-policy.yaml');
    expect(await read('resource', file, DEFINITIONS)).toEqual(['ClusterPolicy']);
    spoil(file, 'patchStrategicMerge', 'patchStrategic');
    await expect(read('resource', file, DEFINITIONS)).rejects.toThrow('patchStrategic');
  });
  it('Kustomize names the mirror in manifests, however they write an image, and keeps tags and digests', async () => {
    const app = join(folder.path, 'app');
    mkdirSync(app);
    cpSync(join(await make('kustomize'), 'ecr-mirror'), join(app, 'ecr-mirror'), { recursive: true });
    const written = ['nginx:1.27', 'docker.io/library/nginx', `grafana/grafana@${DIGEST}`, 'quay.io/other/app:1'];
    const containers = written.map((image, i) => ({ name: `c${i}`, image }));
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app' }, spec: { containers } };
    writeFileSync(join(app, 'pod.yaml'), JSON.stringify(pod));
    writeFileSync(join(app, 'kustomization.yaml'), 'resources: [pod.yaml]\ncomponents: [ecr-mirror]\n');
    const images = [...(await read('kustomize', app)).matchAll(/image: (\S+)/g)].map(([, image]) => image);
    expect(images).toEqual([
      `${ONE}/mirror/docker-hub/library/nginx:1.27`,
      `${ONE}/mirror/docker-hub/library/nginx`,
      `${ONE}/mirror/docker-hub/grafana/grafana@${DIGEST}`,
      'quay.io/other/app:1',
    ]);
    spoil(join(app, 'ecr-mirror/kustomization.yaml'), 'newName', 'name2');
    await expect(read('kustomize', app)).rejects.toThrow(/unknown field .*name2/);
  });
  it('Docker asks the helper of Amazon ECR for a registry that is named, and none for another', async () => {
    const helper = join(folder.path, 'docker-credential-ecr-login');
    writeFileSync(
      helper,
      '#!/bin/sh\nread host\necho "{\\"ServerURL\\":\\"$host\\",\\"Username\\":\\"AWS\\",\\"Secret\\":\\"\\"}"\n',
    );
    chmodSync(helper, 0o755);
    const file = join(await make('docker', ...BOTH), '.docker/config.json');
    expect(await read('docker', file, TWO)).toMatchObject({ username: 'AWS' });
    expect(await read('docker', file, 'quay.io')).toMatchObject({ username: '' });
    spoil(file, '"ecr-login"', '["ecr-login"]');
    await expect(read('docker', file, TWO)).rejects.toThrow('cannot unmarshal');
  });
});
