import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListClustersCommand,
  ListServicesCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { mapWithin } from '../engine/gate';
import { isDigest } from '../lib/model/digest';
import { parseUse, type Use } from '../lib/model/in-use';
import { allPages } from './pages';

const SERVICES_AT_ONCE = 10;
const TASKS_AT_ONCE = 100;
const CALLS_AT_ONCE = 4;

/** Images of the tasks that run in a region, and of the task definitions that services there start tasks from. */
export async function ecsUses(client: ECSClient, region: string): Promise<readonly Use[]> {
  const clusters = await allPages(async (nextToken) => {
    const answer = await client.send(new ListClustersCommand({ nextToken }));
    return { items: answer.clusterArns ?? [], next: answer.nextToken };
  });
  const uses = await mapWithin(CALLS_AT_ONCE, clusters, async (cluster) => [
    ...(await ofTasks(client, cluster, region)),
    ...(await ofServices(client, cluster, region)),
  ]);
  return uses.flat();
}

async function ofTasks(client: ECSClient, cluster: string, region: string): Promise<readonly Use[]> {
  const tasks = await allPages(async (nextToken) => {
    const answer = await client.send(new ListTasksCommand({ cluster, nextToken }));
    return { items: answer.taskArns ?? [], next: answer.nextToken };
  });
  const uses: Use[] = [];
  for (const some of parts(tasks, TASKS_AT_ONCE)) {
    const answer = await client.send(new DescribeTasksCommand({ cluster, tasks: [...some] }));
    for (const { taskArn = '', containers = [] } of answer.tasks ?? []) {
      for (const { image, imageDigest } of containers) {
        const by = `ECS task ${nameOf(taskArn)} of cluster ${nameOf(cluster)} in ${region}`;
        uses.push(...known(parseUse(image, by, isDigest(imageDigest) ? imageDigest : undefined)));
      }
    }
  }
  return uses;
}

async function ofServices(client: ECSClient, cluster: string, region: string): Promise<readonly Use[]> {
  const services = await allPages(async (nextToken) => {
    const answer = await client.send(new ListServicesCommand({ cluster, nextToken }));
    return { items: answer.serviceArns ?? [], next: answer.nextToken };
  });
  /** By task definition. */
  const users = new Map<string, string>();
  for (const some of parts(services, SERVICES_AT_ONCE)) {
    const answer = await client.send(new DescribeServicesCommand({ cluster, services: [...some] }));
    for (const { serviceArn = '', taskDefinition, deployments = [], taskSets = [] } of answer.services ?? []) {
      const definitions = [taskDefinition, ...[...deployments, ...taskSets].map((one) => one.taskDefinition)];
      const by = `ECS service ${nameOf(serviceArn)} of cluster ${nameOf(cluster)} in ${region}`;
      for (const definition of definitions) if (definition !== undefined) users.set(definition, by);
    }
  }
  const uses = await mapWithin(CALLS_AT_ONCE, [...users], async ([taskDefinition, by]) => {
    const answer = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
    const images = (answer.taskDefinition?.containerDefinitions ?? []).map(({ image }) => image);
    return images.flatMap((image) => known(parseUse(image, by)));
  });
  return uses.flat();
}

function known(use: Use | undefined): readonly Use[] {
  return use === undefined ? [] : [use];
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function parts<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, part) => all.slice(part * size, (part + 1) * size));
}
