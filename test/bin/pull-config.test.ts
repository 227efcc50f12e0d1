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

describe('several registries to pull from', () => {
  const TWO = `
mapping: {registry: one.io, prefix: mirror}
mirrors:
  - {source: "nginx:1", destination: [one.io/mirror/docker-hub/library/nginx, two.io/library/nginx]}
  - {source: "grafana/grafana:1", destination: [one.io/mirror/docker-hub/grafana/grafana, two.io/grafana/grafana]}
  - {source: "redis:7", destination: three.io/library/redis}
`;
  beforeEach(() => bench.write('mirrors.yaml', TWO));

  it('are mirrors of each entry in the order in which they are named', async () => {
    const { text } = await made('openshift', '--registry', 'two.io,one.io');
    const [digests, tags] = parseAllDocuments(text).map((document) => document.toJS());
    expect(digests.spec.imageDigestMirrors.map(({ mirrors }: { mirrors: string[] }) => mirrors)).toEqual([
      ['two.io/grafana/grafana', 'one.io/mirror/docker-hub/grafana/grafana'],
      ['two.io/library/nginx', 'one.io/mirror/docker-hub/library/nginx'],
    ]);
    expect(tags.spec.imageTagMirrors).toEqual(digests.spec.imageDigestMirrors);
    const crio = (await made('crio', '--registry', 'one.io', '--registry', 'two.io')).text;
    expect([...crio.matchAll(/mirror\]\]\nlocation = "(\w+)/g)].map(([, host]) => host)).toEqual([
      ...['one', 'two', 'one', 'two'],
    ]);
  });
  it('are one, the first of each row, where nobody names them', async () => {
    const { text } = await made('openshift');
    expect(text).not.toContain('two.io');
    expect(text).toContain('three.io/library/redis');
  });
  it('are hosts of containerd one after the other, and the last is asked in the source’s place', async () => {
    const { text } = await made('containerd', '--registry', 'three.io,two.io,one.io', '--no-fallback');
    expect(text).toBe(`server = "https://one.io/v2/mirror/docker-hub"
override_path = true
capabilities = ["pull", "resolve"]

[host."https://three.io"]
  capabilities = ["pull", "resolve"]

[host."https://two.io"]
  capabilities = ["pull", "resolve"]

[host."https://one.io/v2/mirror/docker-hub"]
  capabilities = ["pull", "resolve"]
  override_path = true`);
  });
  it('are endpoints of Bottlerocket, mirrors of Docker’s daemon, and names that Renovate knows', async () => {
    const flags = ['--registry', 'two.io,one.io'];
    expect((await made('bottlerocket', ...flags)).text).toContain(
      'endpoint = ["https://two.io", "https://one.io/v2/mirror/docker-hub"]',
    );
    expect(JSON.parse((await made('docker', ...flags)).text)).toEqual({ 'registry-mirrors': ['https://two.io'] });
    expect(JSON.parse((await made('renovate', ...flags)).text).registryAliases).toEqual({
      'two.io': 'docker.io',
      'one.io/mirror/docker-hub': 'docker.io',
    });
  });
  it('are left out one by one where their repositories keep no common path', async () => {
    bench.write('mirrors.yaml', `${TWO}  - {source: "busybox:1", destination: [one.io/odd, two.io/library/busybox]}\n`);
    const { text, notes } = await made('containerd', '--registry', 'one.io,two.io');
    expect(text).toContain('[host."https://two.io"]');
    expect(text).not.toContain('one.io');
    expect(notes.join('\n')).toContain('docker.io at one.io: left out, because its repositories keep no common path');
  });
  it('are the first alone to who names one mirror of an image, which is said', async () => {
    const { text, notes } = await made('kustomize', '--registry', 'two.io,one.io');
    expect(text).toContain('newName: two.io/library/nginx');
    expect(text).not.toContain('one.io');
    expect(notes).toContain('note  kustomize names one mirror of each image: the first that it has');
    expect((await made('kustomize')).notes).toEqual([]);
  });
});

describe('mirrors by digest alone', () => {
  it('leave tags to the source, in OpenShift and for CRI-O', async () => {
    const { text } = await made('openshift', '--digests-only');
    expect(parseAllDocuments(text).map((document) => document.toJS().kind)).toEqual(['ImageDigestMirrorSet']);
    const crio = (await made('crio', '--digests-only')).text;
    expect(crio.match(/^pull-from-mirror = "digest-only"$/gm)).toHaveLength(3);
    expect((await made('crio')).text).not.toContain('pull-from-mirror');
  });
});

describe('labels of one’s own, and waves of Argo CD', () => {
  const flags = ['--labels', 'team=platform,example.com/cost=42', '--labels', 'empty=', '--argo-cd'];

  it('are on each resource for OpenShift and for Kyverno', async () => {
    const texts = [await made('openshift', ...flags), await made('kyverno', ...flags)].map(({ text }) => text);
    const documents = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS()));
    expect(documents.map(({ kind }) => kind)).toEqual(['ImageDigestMirrorSet', 'ImageTagMirrorSet', 'ClusterPolicy']);
    for (const { metadata } of documents) {
      const own = { team: 'platform', 'example.com/cost': '42', empty: '' };
      expect(metadata.labels).toEqual({ 'app.kubernetes.io/managed-by': 'ecr-mirror', ...own });
      expect(metadata.annotations['argocd.argoproj.io/sync-wave']).toBe('1');
    }
  });
  it('are nowhere where nobody wants them', async () => {
    const [first] = parseAllDocuments((await made('openshift')).text).map((document) => document.toJS());
    expect(first.metadata).toEqual({ name: 'ecr-mirror', labels: { 'app.kubernetes.io/managed-by': 'ecr-mirror' } });
  });
  it.each(['team', '=x', 'a b=c', 'team=a b', `${'n'.repeat(64)}=x`, 'Upper.Case/name=x', 'a//b=c', 'team=-x', 'a=b,'])(
    'are such as Kubernetes allows: not %s',
    async (label) => {
      const { code, notes } = await made('openshift', '--labels', label);
      expect([code, notes.join()]).toEqual([64, expect.stringContaining('--labels: got')]);
    },
  );
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
      ['warning', undefined],
    ]);
  });
  it.each([
    ['crio', '--labels', 'a=b'],
    ['containerd', '--digests-only'],
    ['bottlerocket', '--no-fallback'],
    ['eks-nodeadm', '--argo-cd'],
  ])('refuses what means nothing to %s: %s', async (kind, ...flags) => {
    const { code, notes } = await made(kind, ...flags);
    expect([code, notes.join()]).toEqual([
      64,
      expect.stringContaining(`pull-config ${kind}: got ${flags[0]}; ${kind} without it would do`),
    ]);
  });
  it('refuses a kind that there is not, and a file without mirrors to pull from', async () => {
    const unknown = await made('podman');
    expect(unknown.code).toBe(64);
    expect(unknown.notes.join('\n')).toContain(`pull-config: got "podman"; one of ${KIND_NAMES.join(', ')} would do`);
    expect((await made('crio', '--registry', 'nowhere.io')).code).toBe(64);
  });
});
