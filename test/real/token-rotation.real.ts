import { spawnSync } from 'node:child_process';
import { Template } from 'aws-cdk-lib/assertions';
import { Cluster, KubectlProvider } from 'aws-cdk-lib/aws-eks-v2';
import { OpenIdConnectProvider } from 'aws-cdk-lib/aws-iam';
import { TokenRotation, TokenRotationIdentity } from '../../lib/index';
import { emptyStack, filled, only } from '../lib/stack';
import { ecrMirror, expectExit } from './ecr-mirror';
import { describeWith, which } from './needs';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const ISSUER = 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF';
const FLAGS: readonly (readonly string[])[] = [
  ['--secrets', 'apps/ecr,tools/ecr', '--role-arn', 'arn:aws:iam::123456789012:role/pull'],
  ['--openshift', '--aws-config', 'anywhere', '--argo-cd'],
  ['--secrets', 'apps/ecr', '--keys-secret', 'keys', '--no-create', '--namespace', 'tools'],
];

const APPLIED = [TokenRotationIdentity.POD_IDENTITY, TokenRotationIdentity.IRSA];

/** What CDK gives to kubectl, labels for pruning included. */
function appliedBy(identity: TokenRotationIdentity): readonly object[] {
  const stack = emptyStack();
  const cluster = Cluster.fromClusterAttributes(stack, 'Cluster', {
    clusterName: 'hybrid',
    kubectlProvider: KubectlProvider.fromKubectlProviderAttributes(stack, 'Kubectl', { serviceToken: 'arn' }),
    openIdConnectProvider: OpenIdConnectProvider.fromOpenIdConnectProviderArn(stack, 'Issuer', ISSUER),
  });
  const image = `registry.example.com/tools@sha256:${'1'.repeat(64)}`;
  new TokenRotation(stack, 'PullTokens', { cluster, namespaces: ['a', 'b'], identity, image, awsImage: image });
  const { Manifest } = only(Template.fromStack(stack), 'Custom::AWSCDK-EKS-KubernetesResource');
  return JSON.parse(filled(Manifest));
}

/** Whether Kubernetes itself reads these manifests, and what it says. */
function readStrictly(manifests: string) {
  const program = which('kubernetes-types') as string;
  const { status, stdout, stderr } = spawnSync(program, { input: manifests, encoding: 'utf8', timeout: 20_000 });
  return { status, kinds: stdout.trim().split('\n'), stderr };
}

describeWith(['kubernetes-types'], 'the manifests of a token rotation, read by the types of Kubernetes itself', () => {
  it.each(FLAGS.map((flags) => [flags]))('have the fields that there are, and no others: %j', async (flags) => {
    const made = await ecrMirror('pull-config', 'token-rotation', '--quiet', '--hosts', HOST, ...flags);
    expectExit(made, 0);
    const { status, kinds, stderr } = readStrictly(made.stdout);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(kinds).toEqual(
      expect.arrayContaining(['ServiceAccount', 'Role', 'RoleBinding', 'ConfigMap', 'CronJob', 'Job']),
    );
  });

  it('have them as the construct applies them, too, to clusters of EKS', () => {
    const applied = APPLIED.flatMap((identity) => appliedBy(identity));
    const { status, kinds, stderr } = readStrictly(applied.map((one) => JSON.stringify(one)).join('\n---\n'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(kinds).toHaveLength(applied.length);
  });

  it('would be refused with a field that there is not', async () => {
    const made = await ecrMirror('pull-config', 'token-rotation', '--quiet', '--hosts', HOST, '--openshift');
    const { status, stderr } = readStrictly(made.stdout.replaceAll('concurrencyPolicy', 'concurrency'));
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('unknown field "concurrency"'),
    });
  });
});
