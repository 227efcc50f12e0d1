import { readJobDefinition } from '../batch/definition';
import type { JobQueue, Registered } from '../batch/submission';
import type { Resolver, Resource } from '../template/resolver';
import { listOf, mapOf, numberOf, textOf } from '../template/value';

/** The job queues and definitions of a template. @throws AwsError ClientException for what AWS Batch refuses. */
export function readRegistered(template: Resolver): Registered {
  return {
    queues: template.ofType('AWS::Batch::JobQueue').map((queue) => readQueue(queue, template)),
    definitions: template.ofType('AWS::Batch::JobDefinition').map(readJobDefinition),
  };
}

function readQueue({ ref, properties }: Resource, template: Resolver): JobQueue {
  const ordered = listOf(properties.ComputeEnvironmentOrder).map((entry) => textOf(mapOf(entry).ComputeEnvironment));
  const environments = template
    .ofType('AWS::Batch::ComputeEnvironment')
    .filter((environment) => ordered.includes(environment.ref));
  const vcpus = environments.map((environment) => numberOf(mapOf(environment.properties.ComputeResources).MaxvCpus));
  return {
    name: ref.slice(ref.lastIndexOf('/') + 1),
    arn: ref,
    enabled: properties.State !== 'DISABLED',
    maxvCpus: vcpus.reduce<number>((sum, more) => sum + (more ?? 0), 0),
  };
}
