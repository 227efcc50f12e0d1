import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, openBench } from './drive';
import { type Manifest, manifestsOf } from './rotation-pod';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const GOV = '123456789012.dkr.ecr.us-gov-west-1.amazonaws.com';
const CHINA = '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn';
const PROGRAMS = ['rotate.pod.mjs', 'docker-config.pod.mjs', 'kubernetes-api.pod.mjs', 'get-tokens.sh'];

let bench: Bench;
beforeEach(() => {
  bench = openBench();
});
afterEach(() => bench.close());

async function made(...flags: readonly string[]) {
  const { code, out, err } = await bench.run(['pull-config', 'token-rotation', ...flags]);
  const manifests = code === 0 ? manifestsOf(out.join('\n')) : [];
  return { code, manifests, notes: err.join('\n'), of: (kind: string) => manifests.find((one) => one.kind === kind) };
}

const bare = (...flags: readonly string[]) => made('--hosts', HOST, '--secrets', 'apps/ecr', ...flags);
const podOf = (job: Manifest) => job.spec.template.spec;
const environment = (container: Manifest) =>
  Object.fromEntries(container.env.map(({ name, value, valueFrom }: Manifest) => [name, value ?? valueFrom]));

describe('the job', () => {
  it('runs every six hours, never beside itself, and once at first with the same pod', async () => {
    const { of } = await bare();
    const { spec } = of('CronJob');
    expect(spec.schedule).toMatch(/^\d+ \*\/6 \* \* \*$/);
    expect(spec).toMatchObject({ concurrencyPolicy: 'Forbid', startingDeadlineSeconds: 3600 });
    expect(spec.jobTemplate.spec).toMatchObject({ backoffLimit: 3, activeDeadlineSeconds: 900 });
    expect(of('Job').spec).toEqual(spec.jobTemplate.spec);
  });
  it('asks for new tokens with each attempt, as a container that starts again would not', async () => {
    expect(podOf((await bare()).of('Job')).restartPolicy).toBe('Never');
  });
  it('has another name for its first run when it does something else, as jobs never change', async () => {
    const names = [await bare(), await bare(), await bare('--no-create'), await bare('--image', 'node:24')];
    const [one, same, ...others] = names.map(({ of }) => of('Job').metadata.name);
    expect(same).toBe(one);
    expect(new Set([one, ...others]).size).toBe(3);
  });
  it('is nobody, writes to no file system, and has bounds', async () => {
    const pod = podOf((await bare()).of('Job'));
    expect(pod.securityContext).toEqual({
      ...{ runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532 },
      seccompProfile: { type: 'RuntimeDefault' },
    });
    for (const { securityContext, resources } of [...pod.initContainers, ...pod.containers]) {
      expect(securityContext).toEqual({
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      });
      expect(Object.keys(resources.limits)).toEqual(['memory']);
      expect(Object.keys(resources.requests)).toEqual(['cpu', 'memory']);
    }
    expect(pod.volumes.find(({ name }: Manifest) => name === 'tokens').emptyDir.medium).toBe('Memory');
  });
  it('has in one container an identity of AWS, and in the other one of the cluster', async () => {
    const { of } = await bare('--role-arn', 'arn:aws:iam::123456789012:role/pull');
    expect(of('ServiceAccount').automountServiceAccountToken).toBe(false);
    const { initContainers, containers } = podOf(of('Job'));
    const mounted = ({ volumeMounts }: Manifest) => volumeMounts.map(({ name }: Manifest) => name);
    expect(mounted(initContainers[0])).toEqual(['rotation', 'tokens', 'temporary', 'web-identity']);
    expect(mounted(containers[0])).toEqual(['rotation', 'tokens', 'account']);
    expect(containers[0].volumeMounts.every(({ readOnly }: Manifest) => readOnly === true)).toBe(true);
  });
  it('leaves its user to OpenShift, where that is wanted, and asks for the cluster’s own secret', async () => {
    const { of } = await made('--hosts', HOST, '--openshift');
    expect(podOf(of('Job')).securityContext).toEqual({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(of('Role')).toMatchObject({
      metadata: { namespace: 'openshift-config' },
      rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: ['pull-secret'], verbs: ['get', 'patch'] }],
    });
  });
  it('never makes the cluster’s own secret, however it is named', async () => {
    const { of, manifests } = await made('--hosts', HOST, '--openshift', '--secrets', 'openshift-config/pull-secret');
    expect(of('Role').rules).toHaveLength(1);
    expect(manifests.filter(({ kind }) => kind === 'Role')).toHaveLength(1);
    expect((await made('--hosts', HOST, '--secrets', 'openshift-config/pull-secret')).of('Role').rules).toHaveLength(1);
  });
});

describe('what it may do', () => {
  it('is to read and change the named secrets, in each namespace, and to make one', async () => {
    const { manifests } = await made('--hosts', HOST, '--secrets', 'a/x,a/y', '--secrets', 'b/x');
    const roles = manifests.filter(({ kind }) => kind === 'Role');
    expect(roles.map(({ metadata, rules }) => [metadata.namespace, rules[0].resourceNames, rules[0].verbs])).toEqual([
      ['a', ['x', 'y'], ['get', 'patch']],
      ['b', ['x'], ['get', 'patch']],
    ]);
    expect(roles.map(({ rules }) => rules[1].verbs)).toEqual([['create'], ['create']]);
    const bindings = manifests.filter(({ kind }) => kind === 'RoleBinding');
    const account = { kind: 'ServiceAccount', name: 'ecr-token-rotation', namespace: 'ecr-mirror' };
    expect(bindings.map(({ metadata, subjects }) => [metadata.namespace, subjects])).toEqual([
      ['a', [account]],
      ['b', [account]],
    ]);
  });
  it('is not to make secrets, where that is not wanted', async () => {
    expect((await bare('--no-create')).of('Role').rules.map(({ verbs }: Manifest) => verbs)).toEqual([
      ['get', 'patch'],
    ]);
  });
});

describe('who asks for tokens', () => {
  it('is a role by web identity, in any cluster', async () => {
    const arn = 'arn:aws:iam::123456789012:role/path/pull';
    const { of, notes } = await bare('--role-arn', arn);
    expect(of('ServiceAccount').metadata.annotations).toEqual({ 'eks.amazonaws.com/role-arn': arn });
    const pod = podOf(of('Job'));
    expect(environment(pod.initContainers[0])).toMatchObject({
      AWS_ROLE_ARN: arn,
      AWS_WEB_IDENTITY_TOKEN_FILE: '/web-identity/token',
    });
    expect(pod.volumes.at(-1).projected.sources[0].serviceAccountToken).toMatchObject({
      audience: 'sts.amazonaws.com',
    });
    expect(notes).toContain(`${arn} has to trust system:serviceaccount:ecr-mirror:ecr-token-rotation`);
  });
  it('is the pod itself where nobody is named', async () => {
    const { of, notes } = await bare();
    expect(Object.keys(environment(podOf(of('Job')).initContainers[0])).join()).not.toMatch(/ROLE|KEY|CONFIG/);
    expect(notes).toContain('needs an association of EKS Pod Identity, or --role-arn');
  });
  it('is what a configuration of the AWS CLI says', async () => {
    const pod = podOf((await bare('--aws-config', 'anywhere')).of('Job'));
    expect(environment(pod.initContainers[0])).toMatchObject({ AWS_CONFIG_FILE: '/aws-config/config' });
    expect(pod.volumes.at(-1)).toEqual({ name: 'aws-config', secret: { secretName: 'anywhere' } });
    expect(pod.initContainers[0].volumeMounts.at(-1)).toMatchObject({ mountPath: '/aws-config', readOnly: true });
  });
  it('has keys by reference alone', async () => {
    const { of, notes } = await bare('--keys-secret', 'keys');
    const { AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN } = environment(podOf(of('Job')).initContainers[0]);
    expect(AWS_ACCESS_KEY_ID).toEqual({ secretKeyRef: { name: 'keys', key: 'aws_access_key_id' } });
    expect(AWS_SESSION_TOKEN.secretKeyRef.optional).toBe(true);
    expect(notes).toContain('keys: keys that do not expire');
  });
  it('is one of them', async () => {
    const { code, notes } = await bare('--keys-secret', 'keys', '--aws-config', 'x');
    expect([code, notes]).toEqual([64, expect.stringContaining('--aws-config: got --keys-secret, too; one of them')]);
  });
});

describe('its registries', () => {
  const planOf = ({ of }: Awaited<ReturnType<typeof made>>) =>
    JSON.parse(of('ConfigMap').data['plan.json']).registries.map(({ host }: Manifest) => host);
  const rows = (...destinations: readonly string[]) =>
    bench.write('mirrors.yaml', JSON.stringify({ mirrors: [{ source: 'nginx:1', destination: destinations }] }));

  it('are those of the rows, and those that are named', async () => {
    rows(`${HOST}/nginx`, 'registry.example.com/nginx');
    const named = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
    const found = await made('-f', 'mirrors.yaml', '--hosts', named, '--secrets', 'apps/ecr');
    expect(planOf(found)).toEqual([HOST, named]);
    expect(found.notes).toContain('registry.example.com: left out, as it is no registry of Amazon ECR');
  });
  it('are those of one partition, as no identity is good for two', async () => {
    rows(`${HOST}/nginx`, `${GOV}/nginx`, `${CHINA}/nginx`);
    const flags = ['-f', 'mirrors.yaml', '--secrets', 'apps/ecr'];
    const { code, notes } = await made(...flags);
    expect([code, notes]).toEqual([
      64,
      expect.stringContaining('got registries of the partitions aws-cn, aws, aws-us-gov'),
    ]);
    const china = await made(...flags, '--role-arn', 'arn:aws-cn:iam::123456789012:role/pull');
    expect(planOf(china)).toEqual([CHINA]);
    expect(china.notes).toContain(`${GOV}: left out, as a role of the partition aws-cn gets no token for it`);
    expect((await made(...flags, '--role-arn', 'arn:aws-iso:iam::123456789012:role/pull')).code).toBe(64);
  });
  it.each([
    [['--hosts', HOST], '--secrets: got none; NAMESPACE/NAME, or --openshift, would do'],
    [['--hosts', HOST, '--secrets', 'ecr'], '--secrets: got "ecr"; NAMESPACE/NAME would do'],
    [['--hosts', HOST, '--secrets', 'a/../../x'], 'NAMESPACE/NAME would do'],
    [['--hosts', 'quay.io', '--secrets', 'a/b'], '--hosts: got "quay.io"; 123456789012.dkr.ecr.eu-west-1'],
    [['--hosts', `${HOST}.example.com`, '--secrets', 'a/b'], '--hosts: got'],
    [['--hosts', HOST, '--secrets', 'a/b', '--name', 'n'.repeat(53)], '52 characters would do'],
    [['--hosts', HOST, '--secrets', 'a/b', '--namespace', 'A'], '--namespace: got "A"'],
    [['--hosts', HOST, '--secrets', 'a/b', '--role-arn', 'pull'], '--role-arn: got "pull"; arn:aws:iam::'],
    [['--hosts', HOST, '--secrets', 'a/b', '--image', 'https://x'], '--image: reference: got "https://x"'],
    [['--hosts', HOST, '--secrets', 'a/b', '--registry', HOST], 'got --registry; token-rotation without it would do'],
  ])('and other settings are looked at: %j', async (flags, problem) => {
    const { code, notes } = await made(...flags);
    expect([code, notes]).toEqual([64, expect.stringContaining(problem)]);
  });
  it('and secrets mean nothing to another kind, which says so', async () => {
    rows(`${HOST}/nginx`);
    const { code, err } = await bench.run(['pull-config', 'crio', '-f', 'mirrors.yaml', '--secrets', 'a/b']);
    expect([code, err.join()]).toEqual([64, expect.stringContaining('got --secrets; crio without it would do')]);
  });
});

describe('its manifests', () => {
  it('name images that are given, and say which may change or cannot be pulled when they are needed', async () => {
    const pinned = `${HOST}/node@sha256:${'a'.repeat(64)}`;
    const { of, notes } = await bare('--image', pinned, '--aws-image', 'quay.io/team/aws:1');
    expect(podOf(of('Job')).containers[0].image).toBe(pinned);
    expect(podOf(of('Job')).initContainers[0].image).toBe('quay.io/team/aws:1');
    expect(notes).toContain(`--image: ${pinned} needs a token that its own job renews`);
    expect(notes).not.toContain(`${pinned} is no image for good`);
    expect(notes).toContain(
      '--aws-image: quay.io/team/aws:1 is no image for good; --pin, or one with its digest, would do',
    );
  });
  it('make a namespace only where none is named, and are all in it but what secrets elsewhere need', async () => {
    expect((await bare()).of('Namespace').metadata.name).toBe('ecr-mirror');
    const { manifests } = await bare('--namespace', 'tools', '--name', 'tokens');
    const places = manifests.map(({ kind, metadata }) => [kind, metadata.namespace]);
    expect(places).toEqual([
      ['ServiceAccount', 'tools'],
      ['Role', 'apps'],
      ['RoleBinding', 'apps'],
      ['ConfigMap', 'tools'],
      ['CronJob', 'tools'],
      ['Job', 'tools'],
    ]);
    expect(new Set(manifests.map(({ metadata }) => metadata.name.replace(/-[0-9a-f]{8}$/, '')))).toEqual(
      new Set(['tokens']),
    );
  });
  it('come in the order in which they are needed, for Argo CD, too', async () => {
    const { manifests } = await bare('--argo-cd');
    const waves = manifests.map(({ metadata }) => metadata.annotations?.['argocd.argoproj.io/sync-wave']);
    expect(waves).toEqual(['-2', '-1', '-1', '-1', '-1', '0', undefined]);
    expect(manifests.at(-1).metadata).toMatchObject({
      name: 'ecr-token-rotation-first',
      annotations: {
        'argocd.argoproj.io/hook': 'PostSync',
        'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
      },
    });
    const plain = await bare();
    expect(JSON.stringify(plain.manifests)).not.toContain('argocd');
  });
  it('have labels of one’s own, but for pods, so that the first job stays the same', async () => {
    const [labelled, plain] = [await bare('--labels', 'team=platform,tier='), await bare()];
    for (const { metadata } of labelled.manifests)
      expect(metadata.labels).toMatchObject({ team: 'platform', tier: '' });
    expect(labelled.of('CronJob').metadata.labels['app.kubernetes.io/managed-by']).toBe('ecr-mirror');
    expect(labelled.of('Job').spec).toEqual(plain.of('Job').spec);
    expect(labelled.of('Job').metadata.name).toBe(plain.of('Job').metadata.name);
  });
  it('hold the programs as they are, from the bundle, too', () => {
    const flags = ['pull-config', 'token-rotation', '--quiet', '--hosts', HOST, '--secrets', 'apps/ecr'];
    const said = execFileSync(process.execPath, ['assets/cli/ecr-mirror.js', ...flags], { encoding: 'utf8' });
    const { data } = manifestsOf(said).find(({ kind }) => kind === 'ConfigMap');
    for (const name of PROGRAMS) {
      expect(data[name]).toBe(readFileSync(join('bin/pull-config/token-rotation', name), 'utf8'));
    }
  });
});
