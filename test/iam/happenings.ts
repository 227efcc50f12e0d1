import { BatchClient, SubmitJobCommand, type SubmitJobCommandOutput } from '@aws-sdk/client-batch';
import { ecrApi } from '../../local/ecr';
import { makeEvent } from '../../local/events';
import { image, multiPlatform, pushBuilt, signatureReferrer } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import type { LocalStack } from '../../local/stack';
import { asOwner } from './people';
import { OTHER, OWN, PLACE } from './place';

/** Somebody, or a lifecycle rule, has removed an image of each repository a while after it was mirrored. */
export async function loseImages(stack: LocalStack, own: RunningRegistry): Promise<void> {
  const lost = new Set<string>();
  for (const { Source, Destination, State } of await stack.copies()) {
    const [, repositoryName = '', imageTag] = /^([^:]+):(.+)$/.exec(String(Destination).replace(`${OWN}/`, '')) ?? [];
    if (State !== 'Mirrored' || !String(Destination).startsWith(`${OWN}/`) || lost.has(repositoryName)) continue;
    lost.add(repositoryName);
    await stack.changeCopy(String(Source), String(Destination), { LastMirrored: '2026-01-01T00:00:00.000Z' });
    ecrApi(own)('BatchDeleteImage', { repositoryName, imageIds: [{ imageTag: imageTag ?? '' }] });
  }
}

/** A good row with two destinations, one with a mistake, one that asks for too much, one whose source is not there; and one goes. */
export async function changeRows(stack: LocalStack): Promise<void> {
  const nginx = 'docker.io/library/nginx';
  await Promise.all([
    stack.putRow({ Source: `${nginx}:1.3.0`, Destination: [`${OWN}/mirror/team/a`, `${OWN}/mirror/team/b`] }),
    stack.putRow({ Source: `${nginx}:1.9.0`, Destination: [`${OWN}/base/alpine:nginx`, `${OWN}/mirror/team/b`] }),
    stack.putRow({ Source: 'quay.io/library/alpine:1.2.0', Destination: `${OTHER}/shared/alpine` }),
    stack.putRow({ Source: `${nginx}:1.4.0`, Destinatoin: `${OWN}/mirror/team/a` }),
    stack.putRow({ Source: `${nginx}:1.5.0`, Destination: `${OWN}/prod/app` }),
    stack.putRow({ Source: 'docker.io/library/nobody:1', Destination: `${OWN}/mirror/team/a` }),
    stack.putRow({ Source: `${nginx}:1.6.0`, Destination: `${OWN}/mirror/nowhere/to-be-found` }),
  ]);
  await stack.waitUntilIdle();
  await stack.deleteRow(`${nginx}:1.4.0`);
  await stack.waitUntilIdle();
}

/** What is released goes to the partner: by its row, and by the event of its push. */
export async function pushOut(stack: LocalStack, own: RunningRegistry): Promise<void> {
  await pushBuilt(own.address, 'released/app', multiPlatform({ seed: 'app 1' }), ['1.0.0'], asOwner(own));
  await stack.putRow({ Source: `${OWN}/released/app`, Tags: { Semver: '>=1' }, Destination: 'ghcr.io/example/app' });
  await stack.waitUntilIdle();
  const app = image({ seed: 'app 2' });
  await pushBuilt(own.address, 'released/app', signatureReferrer(app.root.descriptor), [], asOwner(own));
  await pushBuilt(own.address, 'released/app', app, ['1.1.0'], asOwner(own));
  await stack.waitUntilIdle();
}

/** One that may be done, one that may not and fails. */
export async function submitByHand(stack: LocalStack): Promise<void> {
  await submitting(stack, async (submitJob) => {
    const submit = (source: string, dest: string) => submitJob({ source, dest });
    await submit('docker.io/library/nginx:1.7.0', `${OWN}/mirror/team/a:by-hand`);
    await submit('docker.io/library/nginx:1.7.0', `${OWN}/prod/app:stolen`);
  });
}

/** A job that an operator ends before it has run: it says nothing itself. */
export async function loseJob(stack: LocalStack, source: string, dest: string): Promise<void> {
  await submitting(stack, async (submitJob) => {
    const { jobId = '' } = await submitJob({ source, dest });
    const job = stack.runner.find(jobId);
    if (job !== undefined) stack.runner.terminate(job, 'an operator ended it');
  });
}

/** A job of a plan that an operator ends before it has run: its copies are spoken for by the controller. */
export async function losePlan(stack: LocalStack, row: Readonly<Record<string, unknown>>): Promise<void> {
  const before = new Set(stack.runner.list().map(({ id }) => id));
  await stack.putRow(row);
  for (let tries = 0; tries < 2000; tries += 1) {
    const job = stack.runner.list().find(({ id }) => !before.has(id));
    if (job !== undefined) {
      stack.runner.terminate(job, 'an operator ended it');
      return stack.waitUntilIdle();
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('no job was submitted for a row that was added');
}

/** A job of a plan that was carried out already finds its copies done. */
export async function repeatPlan(stack: LocalStack): Promise<void> {
  const plan = stack.runner.list().find(({ submission }) => submission.parameters.plan !== undefined);
  if (plan === undefined) throw new Error('the story has no job of a plan');
  await submitting(stack, (submitJob) => submitJob(plan.submission.parameters));
}

type Submit = (parameters: Readonly<Record<string, string>>) => Promise<SubmitJobCommandOutput>;

async function submitting(stack: LocalStack, act: (submit: Submit) => Promise<unknown>): Promise<void> {
  const { AWS_REGION: region = '', AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = stack.environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID ?? '', secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '' };
  const batch = new BatchClient({ endpoint: stack.aws.url, region, credentials });
  const [queue] = stack.template.ofType('AWS::Batch::JobQueue');
  const [definition] = stack.template.ofType('AWS::Batch::JobDefinition');
  await act((parameters) =>
    batch.send(
      new SubmitJobCommand({ jobName: 'by-hand', jobQueue: queue?.ref, jobDefinition: definition?.ref, parameters }),
    ),
  );
  batch.destroy();
  await stack.waitUntilIdle();
}

/** As AWS Batch says that the first job in a queue cannot start. */
export function blockQueue(stack: LocalStack): void {
  const [queue] = stack.template.ofType('AWS::Batch::JobQueue');
  const plans = stack.runner.list().filter(({ submission }) => submission.parameters.plan !== undefined);
  const [job] = plans;
  if (queue === undefined || job === undefined) throw new Error('the story has no job of a plan');
  stack.deliver(
    makeEvent({
      source: 'aws.batch',
      detailType: 'Batch Job Queue Blocked',
      detail: {
        jobQueue: queue.ref,
        jobId: job.id,
        parameters: job.submission.parameters,
        statusReason: 'no capacity',
      },
      resources: [job.arn],
      ...PLACE,
      id: 'blocked',
      time: Date.now(),
    }),
  );
}

export function controllerOf({ template }: LocalStack): string {
  const functions = template.ofType('AWS::Lambda::Function');
  return functions.find(({ id }) => id.startsWith('MirrorController'))?.ref ?? '';
}
