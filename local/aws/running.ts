import type { JsonMap } from '../template/value';
import { textOf } from '../template/value';
import { type Service, unknownOperation } from './endpoint';
import { AwsError } from './error';
import type { Answer } from './protocol';

/** What runs in the account, beside the stack: set by whoever wants it to, and said by Amazon ECS, AWS Lambda and Amazon EKS. */
export interface Running {
  tasks: readonly { readonly cluster: string; readonly image: string; readonly imageDigest?: string }[];
  /** With the images of its task definition. */
  services: readonly { readonly name: string; readonly cluster: string; readonly images: readonly string[] }[];
  functions: readonly { readonly name: string; readonly image: string; readonly resolved?: string }[];
  /** Clusters of Amazon EKS: where their Kubernetes API is, and the authority of its certificate in PEM. */
  clusters: readonly { readonly name: string; readonly endpoint: string; readonly authority: string }[];
  /** Services that refuse, as requests are signed: `ecs`, `lambda`, `eks`. */
  refused: readonly string[];
}

export function nothingRuns(): Running {
  return { tasks: [], services: [], functions: [], clusters: [], refused: [] };
}

/** Small, so that whoever lists has to go on. */
const PAGE = 2;

function page<T>(items: readonly T[], from: unknown): { readonly items: readonly T[]; readonly next?: string } {
  const start = Number(textOf(from as never) ?? 0);
  const next = start + PAGE;
  return { items: items.slice(start, next), ...(next < items.length ? { next: String(next) } : {}) };
}

function refuse(running: Running, service: string, operation: string): void {
  if (!running.refused.includes(service)) return;
  throw new AwsError('AccessDeniedException', `not authorized to perform: ${service}:${operation}`, 403);
}

const arn = (kind: string, name: string) => `arn:aws:ecs:eu-west-1:111122223333:${kind}/${name}`;

/** Amazon ECS, as far as it says what runs. */
export function ecsService(running: Running): Service {
  const clusters = () => [...new Set([...running.tasks, ...running.services].map(({ cluster }) => cluster))];
  const tasks = () =>
    running.tasks.map((task, number) => ({ ...task, taskArn: arn('task', `${task.cluster}/${number}`) }));
  const services = () =>
    running.services.map((one) => ({
      ...one,
      serviceArn: arn('service', `${one.cluster}/${one.name}`),
      taskDefinition: arn('task-definition', `${one.name}:1`),
    }));
  const inCluster = <T extends { readonly cluster: string }>(all: readonly T[], cluster: unknown) =>
    all.filter((one) => arn('cluster', one.cluster) === cluster);
  const listed = (name: string, all: readonly string[], input: JsonMap) => {
    const { items, next } = page(all, input.nextToken);
    return { [name]: [...items], ...(next === undefined ? {} : { nextToken: next }) };
  };
  const answers: Readonly<Record<string, (input: JsonMap) => object>> = {
    ListClusters: (input) =>
      listed(
        'clusterArns',
        clusters().map((name) => arn('cluster', name)),
        input,
      ),
    ListTasks: (input) =>
      listed(
        'taskArns',
        inCluster(tasks(), input.cluster).map(({ taskArn }) => taskArn),
        input,
      ),
    DescribeTasks: (input) => {
      const wanted = inCluster(tasks(), input.cluster).filter(({ taskArn }) =>
        (input.tasks as string[]).includes(taskArn),
      );
      const found = wanted.map(({ taskArn, image, imageDigest }) => ({
        taskArn,
        containers: [{ name: 'main', image, ...(imageDigest === undefined ? {} : { imageDigest }) }],
      }));
      return { tasks: found, failures: [] };
    },
    ListServices: (input) =>
      listed(
        'serviceArns',
        inCluster(services(), input.cluster).map(({ serviceArn }) => serviceArn),
        input,
      ),
    DescribeServices: (input) => {
      const names = input.services as string[];
      if (names.length > 10) throw new AwsError('InvalidParameterException', 'Services cannot be more than 10.');
      const found = inCluster(services(), input.cluster).filter(({ serviceArn }) => names.includes(serviceArn));
      return {
        services: found.map(({ serviceArn, taskDefinition }) => ({ serviceArn, taskDefinition })),
        failures: [],
      };
    },
    DescribeTaskDefinition: (input) => {
      const found = services().find(({ taskDefinition }) => taskDefinition === input.taskDefinition);
      if (found === undefined) throw new AwsError('ClientException', 'Unable to describe task definition.');
      const containerDefinitions = found.images.map((image, number) => ({ name: String(number), image }));
      return { taskDefinition: { taskDefinitionArn: found.taskDefinition, containerDefinitions } };
    },
  };
  return (call) => {
    refuse(running, 'ecs', call.operation);
    const answer = answers[call.operation];
    if (answer === undefined) throw unknownOperation(call);
    return { output: answer(call.input) as JsonMap };
  };
}

/** AWS Lambda with functions that are images; of all else it is asked as before. */
export function imageFunctionService(running: Running, others: Service): Service {
  return (call): Answer | Promise<Answer> => {
    const { operation, input } = call;
    if (operation !== 'ListFunctions' && operation !== 'GetFunction') return others(call);
    refuse(running, 'lambda', operation);
    if (operation === 'ListFunctions') {
      const zip = { FunctionName: 'of-a-zip-file', PackageType: 'Zip', Version: '$LATEST' };
      const images = running.functions.map(({ name }) => ({ FunctionName: name, PackageType: 'Image', Version: '3' }));
      const { items, next } = page([zip, ...images], input.Marker);
      return { output: { Functions: [...items], ...(next === undefined ? {} : { NextMarker: next }) } };
    }
    const found = running.functions.find(({ name }) => name === input.FunctionName);
    if (found === undefined) throw new AwsError('ResourceNotFoundException', 'Function not found', 404);
    const { image, resolved } = found;
    const Code = {
      RepositoryType: 'ECR',
      ImageUri: image,
      ...(resolved === undefined ? {} : { ResolvedImageUri: resolved }),
    };
    return { output: { Configuration: { FunctionName: found.name }, Code } };
  };
}

/** Amazon EKS: which clusters there are. */
export function eksService(running: Running): Service {
  return (call): Answer => {
    refuse(running, 'eks', call.operation);
    if (call.operation === 'ListClusters') {
      const { items, next } = page(
        running.clusters.map(({ name }) => name),
        call.input.nextToken,
      );
      return { output: { clusters: [...items], ...(next === undefined ? {} : { nextToken: next }) } };
    }
    if (call.operation !== 'DescribeCluster') throw unknownOperation(call);
    const found = running.clusters.find(({ name }) => name === call.input.name);
    if (found === undefined) throw new AwsError('ResourceNotFoundException', 'No cluster found', 404);
    const { name, endpoint, authority } = found;
    const certificateAuthority = { data: Buffer.from(authority).toString('base64') };
    return { output: { cluster: { name, endpoint, certificateAuthority, status: 'ACTIVE' } } };
  };
}
