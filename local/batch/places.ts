import type { Resolver, Resource } from '../template/resolver';
import { type Json, type JsonMap, listOf, mapOf, textOf } from '../template/value';
import type { BatchApi } from './api';

/**
 * DescribeJobQueues and DescribeComputeEnvironments: those of a template, by name or ARN, all on one page.
 *
 * Does NOT do: states that change. All are `VALID`.
 */
export function describePlaces(template: Resolver): BatchApi {
  const described = (type: string, asked: Json | undefined, show: (resource: Resource) => JsonMap) =>
    template
      .ofType(`AWS::Batch::${type}`)
      .filter(({ ref }) => listOf(asked).some((one) => one === ref || one === nameOf(ref)))
      .map((resource) => ({ ...stateOf(resource), ...show(resource) }));
  return {
    describejobqueues: (input) => ({
      jobQueues: described('JobQueue', input.jobQueues, ({ ref, properties }) => ({
        jobQueueName: nameOf(ref),
        jobQueueArn: ref,
        computeEnvironmentOrder: listOf(properties.ComputeEnvironmentOrder).map((entry) => ({
          order: mapOf(entry).Order ?? 1,
          computeEnvironment: mapOf(entry).ComputeEnvironment ?? '',
        })),
      })),
    }),
    describecomputeenvironments: (input) => ({
      computeEnvironments: described('ComputeEnvironment', input.computeEnvironments, ({ ref }) => ({
        computeEnvironmentName: nameOf(ref),
        computeEnvironmentArn: ref,
      })),
    }),
  };
}

function stateOf({ properties }: Resource): JsonMap {
  return { state: textOf(properties.State)?.toUpperCase() ?? 'ENABLED', status: 'VALID' };
}

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}
