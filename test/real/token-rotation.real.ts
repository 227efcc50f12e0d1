import { spawnSync } from 'node:child_process';
import { ecrMirror, expectExit } from './ecr-mirror';
import { describeWith, which } from './needs';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const FLAGS: readonly (readonly string[])[] = [
  ['--secrets', 'apps/ecr,tools/ecr', '--role-arn', 'arn:aws:iam::123456789012:role/pull'],
  ['--openshift', '--aws-config', 'anywhere', '--argo-cd'],
  ['--secrets', 'apps/ecr', '--keys-secret', 'keys', '--no-create', '--namespace', 'tools'],
];

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

  it('would be refused with a field that there is not', async () => {
    const made = await ecrMirror('pull-config', 'token-rotation', '--quiet', '--hosts', HOST, '--openshift');
    const { status, stderr } = readStrictly(made.stdout.replaceAll('concurrencyPolicy', 'concurrency'));
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('unknown field "concurrency"'),
    });
  });
});
