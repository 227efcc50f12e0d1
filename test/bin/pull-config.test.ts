import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RE2JS } from 're2js';
import { parse, parseAllDocuments } from 'yaml';
import { KIND_NAMES } from '../../bin/pull-config/kinds';
import { type Bench, openBench } from './drive';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const MIRRORS = `
mapping: {registry: ${HOST}, prefix: mirror}
mirrors:
  - source: nginx:1.27
  - source: nginx:1.28
  - source: grafana/grafana
    tags: {semver: ">=10"}
  - source: quay.io/prometheus/prometheus
    tags: {latest: 3}
`;

let bench: Bench;
beforeEach(() => {
  bench = openBench();
  bench.write('mirrors.yaml', MIRRORS);
});
afterEach(() => bench.close());

async function made(kind: string, ...flags: readonly string[]) {
  const { code, out, err } = await bench.run(['pull-config', kind, '-f', 'mirrors.yaml', ...flags]);
  return { code, text: out.join('\n'), notes: err };
}

describe('OpenShift', () => {
  it('has an entry for each repository, by digest and by tag, and may ask the source', async () => {
    const { text } = await made('openshift');
    const [digests, tags] = parseAllDocuments(text).map((document) => document.toJS());
    expect(digests).toMatchObject({ apiVersion: 'config.openshift.io/v1', kind: 'ImageDigestMirrorSet' });
    expect(digests.spec.imageDigestMirrors).toEqual([
      {
        source: 'docker.io/grafana/grafana',
        mirrors: [`${HOST}/mirror/docker-hub/grafana/grafana`],
        mirrorSourcePolicy: 'AllowContactingSource',
      },
      {
        source: 'docker.io/library/nginx',
        mirrors: [`${HOST}/mirror/docker-hub/library/nginx`],
        mirrorSourcePolicy: 'AllowContactingSource',
      },
      {
        source: 'quay.io/prometheus/prometheus',
        mirrors: [`${HOST}/mirror/quay/prometheus/prometheus`],
        mirrorSourcePolicy: 'AllowContactingSource',
      },
    ]);
    expect(tags.kind).toBe('ImageTagMirrorSet');
    expect(tags.spec.imageTagMirrors).toEqual(digests.spec.imageDigestMirrors);
  });
  it('never asks the source where that is wanted', async () => {
    const { text } = await made('openshift', '--no-fallback');
    expect(text).toContain('mirrorSourcePolicy: NeverContactSource');
    expect(text).not.toContain('AllowContactingSource');
  });
});

describe('containerd', () => {
  it('has a host file for each registry, whose mirror is below a path', async () => {
    const { text } = await made('containerd');
    expect(text).toContain(`# etc/containerd/certs.d/docker.io/hosts.toml
server = "https://registry-1.docker.io"

[host."https://${HOST}/v2/mirror/docker-hub"]
  capabilities = ["pull", "resolve"]
  override_path = true
`);
    expect(text).toContain(`[host."https://${HOST}/v2/mirror/quay"]`);
  });
  it('asks the mirror in the source’s place where the source is never to be asked', async () => {
    const { text } = await made('containerd', '--no-fallback');
    expect(text).toContain(`server = "https://${HOST}/v2/mirror/docker-hub"\noverride_path = true\n`);
    expect(text).not.toContain('registry-1.docker.io');
  });
  it('leaves a registry out whose repositories have other names at the mirror, and says so', async () => {
    bench.write('mirrors.yaml', `${MIRRORS}  - {source: "quay.io/x/y:1", destination: ${HOST}/odd}\n`);
    const { text, notes } = await made('containerd');
    expect(text).not.toContain('quay');
    expect(notes.join('\n')).toContain('quay.io: left out, because its repositories keep no common path');
  });
  it('writes its files into a folder, and over none that is there', async () => {
    expect((await made('containerd', '-o', 'node')).code).toBe(0);
    const file = join(bench.folder, 'node/etc/containerd/certs.d/quay.io/hosts.toml');
    expect(readFileSync(file, 'utf8')).toContain('server = "https://quay.io"');
    const again = await made('containerd', '-o', 'node');
    expect(again.code).toBe(64);
    expect(again.notes.join('\n')).toContain('got EEXIST; a folder without it would do');
  });
});

describe('nodes of EKS', () => {
  it('write the host files before nodeadm tells containerd where they are', async () => {
    const { text } = await made('eks-nodeadm');
    const parts = text.split('--ECR-MIRROR');
    expect(parts[1]).toContain("cat > '/etc/containerd/certs.d/docker.io/hosts.toml' <<'ECR_MIRROR'");
    const config = parse((parts[2] ?? '').split('\n\n').slice(1).join('\n\n'));
    expect(config).toMatchObject({ apiVersion: 'node.eks.aws/v1alpha1', kind: 'NodeConfig' });
    expect(config.spec.containerd.config).toContain('config_path = "/etc/containerd/certs.d"');
  });
  it('on Bottlerocket have an endpoint with the path of the API in it', async () => {
    const { text } = await made('bottlerocket');
    expect(text).toContain(
      `[[settings.container-registry.mirrors]]\nregistry = "docker.io"\nendpoint = ["https://${HOST}/v2/mirror/docker-hub"]`,
    );
  });
});

describe('CRI-O and Podman', () => {
  it('have an entry for each repository', async () => {
    const { text } = await made('crio');
    expect(text).toContain(`[[registry]]
prefix = "docker.io/library/nginx"
location = "docker.io/library/nginx"

[[registry.mirror]]
location = "${HOST}/mirror/docker-hub/library/nginx"
`);
  });
  it('are kept from the source where that is wanted', async () => {
    expect((await made('crio', '--no-fallback')).text).toContain('blocked = true');
  });
});

describe('Docker', () => {
  it('gets the helper that gives it tokens, and is told that its daemon knows no mirror below a path', async () => {
    const { text, notes } = await made('docker');
    expect(JSON.parse(text)).toEqual({ credHelpers: { [HOST]: 'ecr-login' } });
    expect(notes.join('\n')).toContain('knows no mirror below a path');
  });
  it('has a mirror of Docker Hub where names are kept as they are', async () => {
    bench.write('mirrors.yaml', 'mirrors: [{source: "nginx:1", destination: hub.example.com/library/nginx}]');
    expect(JSON.parse((await made('docker')).text)).toEqual({ 'registry-mirrors': ['https://hub.example.com'] });
  });
});

describe('Kyverno', () => {
  it('names the mirror in every kind of container, by the image’s name in full', async () => {
    const policy = parse((await made('kyverno')).text);
    expect(policy.spec.rules.map(({ name }: { name: string }) => name)).toEqual([
      'mirror-containers',
      'mirror-initcontainers',
      'mirror-ephemeralcontainers',
    ]);
    const [first] = policy.spec.rules[0].mutate.foreach;
    expect(first.preconditions.all.map(({ value }: { value: string }) => value)).toEqual([
      'docker.io',
      'grafana/grafana',
    ]);
  });
  it.each([
    ['nginx', ''],
    ['nginx:1.27', ':1.27'],
    ['docker.io/library/nginx:1.27@sha256:abc', ':1.27@sha256:abc'],
    ['nginx@sha256:abc', '@sha256:abc'],
    ['localhost:5000/a/b:v1', ':v1'],
    ['localhost:5000/a/b', ''],
  ])('keeps of %s what stands behind the name: %s', async (image, rest) => {
    const { text } = await made('kyverno');
    const pattern = /regex_replace_all\('([^']+)'/.exec(text)?.[1] ?? '';
    expect(RE2JS.compile(pattern).matcher(image).replaceAll('')).toBe(rest);
  });
});

describe('manifests and charts', () => {
  it('are changed by Kustomize under each name that people write', async () => {
    const { images } = parse((await made('kustomize')).text);
    const nginx = `${HOST}/mirror/docker-hub/library/nginx`;
    expect(
      images.filter(({ newName }: { newName: string }) => newName === nginx).map(({ name }: { name: string }) => name),
    ).toEqual(['docker.io/library/nginx', 'docker.io/nginx', 'library/nginx', 'nginx']);
  });
  it('have a global registry only where one serves all', async () => {
    expect(parse((await made('helm-values')).text).global).toBeUndefined();
    bench.write('mirrors.yaml', `mapping: {registry: ${HOST}}\nmirrors: [{source: "nginx:1"}]`);
    const values = parse((await made('helm-values')).text);
    expect(values.global).toEqual({ imageRegistry: `${HOST}/mirror/docker-hub` });
    expect(values.images['docker.io/library/nginx'].image).toEqual({
      registry: HOST,
      repository: 'mirror/docker-hub/library/nginx',
    });
  });
  it('are followed by Renovate at the source', async () => {
    expect(JSON.parse((await made('renovate')).text).registryAliases).toEqual({
      [`${HOST}/mirror/docker-hub`]: 'docker.io',
      [`${HOST}/mirror/quay`]: 'quay.io',
    });
  });
});

describe('pull-config', () => {
  it('leaves a row out whose tags are others at the mirror, and says which', async () => {
    bench.write('mirrors.yaml', `${MIRRORS}  - {source: "ghcr.io/a/b:v1", destination: "${HOST}/b:renamed"}\n`);
    const { text, notes } = await made('crio');
    expect(text).not.toContain('ghcr.io');
    expect(notes.join('\n')).toContain('ghcr.io/a/b:v1: has other tags at its destination');
  });
  it('takes the registry that is asked for', async () => {
    const rows = `mirrors: [{source: "a.io/b:1", destination: [one.io/b, two.io/b]}, {source: "a.io/c:1", destination: one.io/c}]`;
    bench.write('mirrors.yaml', rows);
    const { text, notes } = await made('crio', '--registry', 'two.io');
    expect(text).toContain('location = "two.io/b"');
    expect(text).not.toContain('one.io');
    expect(notes).toContain('note  a.io/c:1: has no destination in two.io');
  });
  it('gives machines each file with its path', async () => {
    const { text } = await made('containerd', '--json');
    const files = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(files.map(({ event, path }) => [event, path])).toEqual([
      ['file', 'etc/containerd/certs.d/docker.io/hosts.toml'],
      ['file', 'etc/containerd/certs.d/quay.io/hosts.toml'],
    ]);
  });
  it('refuses a kind that there is not, and a file without mirrors to pull from', async () => {
    const unknown = await made('podman');
    expect(unknown.code).toBe(64);
    expect(unknown.notes.join('\n')).toContain(`pull-config: got "podman"; one of ${KIND_NAMES.join(', ')} would do`);
    expect((await made('crio', '--registry', 'nowhere.io')).code).toBe(64);
  });
});
