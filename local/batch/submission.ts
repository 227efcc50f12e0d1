import { show } from '../../lib/model/invalid';
import { AwsError } from '../aws/error';
import { isMap, type JsonMap, listOf, mapOf, numberOf, textOf } from '../template/value';
import { environmentOf, type JobDefinition, substituteParameters, timeoutOf } from './definition';
import { checkResources } from './fargate';
import { readRetryStrategy } from './retry';

/** What a queue of this account is called. */
export interface JobQueue {
  readonly name: string;
  readonly arn: string;
  readonly enabled: boolean;
  /** vCPUs that its compute environments have together. */
  readonly maxvCpus: number;
}

/** What SubmitJob asks for, checked, with the definition's part merged in. */
export interface Submission {
  readonly name: string;
  readonly queue: JobQueue;
  /** As registered, with the overrides and parameters of this job in place. */
  readonly definition: JobDefinition;
  readonly parameters: Readonly<Record<string, string>>;
  /** Children. @default - a job of its own */
  readonly arraySize?: number;
}

export interface Registered {
  readonly queues: readonly JobQueue[];
  /** The active revisions. */
  readonly definitions: readonly JobDefinition[];
}

const LARGEST_PAYLOAD = 30 * 1024;
const JOB_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
const SMALLEST_ARRAY = 2;
const LARGEST_ARRAY = 10_000;
const MOST_DEPENDENCIES = 20;
const RESERVED_PREFIX = 'AWS_BATCH';

function refuse(what: string): never {
  throw new AwsError('ClientException', `SubmitJob: ${what}`);
}

/** @throws AwsError ClientException for what AWS Batch refuses. */
export function readSubmission(input: JsonMap, payloadBytes: number, registered: Registered): Submission {
  if (payloadBytes > LARGEST_PAYLOAD) refuse(`payload: got ${payloadBytes} bytes; at most ${LARGEST_PAYLOAD} would do`);
  const name = textOf(input.jobName) ?? '';
  if (!JOB_NAME.test(name)) {
    refuse(
      `jobName: got ${show(name)}; up to 128 letters, digits, _ and -, beginning with a letter or digit, would do`,
    );
  }
  const queue = findQueue(textOf(input.jobQueue), registered.queues);
  const definition = findDefinition(textOf(input.jobDefinition), registered.definitions);
  checkDependencies(listOf(input.dependsOn).length);
  const given = readParameters(input.parameters);
  const parameters = { ...definition.parameters, ...given };
  const merged = override(definition, input);
  return {
    name,
    queue,
    parameters,
    definition: { ...merged, command: substituteParameters(merged.command, parameters) },
    ...readArraySize(mapOf(input.arrayProperties).size),
  };
}

function findQueue(asked: string | undefined, queues: readonly JobQueue[]): JobQueue {
  const queue = queues.find((candidate) => candidate.arn === asked || candidate.name === asked);
  if (queue === undefined) return refuse(`jobQueue: got ${show(asked)}; ${names(queues)} would do`);
  return queue.enabled ? queue : refuse(`jobQueue: ${queue.name} is disabled`);
}

/** By name (the newest revision is meant), `name:revision`, or ARN with or without the revision. */
function findDefinition(asked: string | undefined, definitions: readonly JobDefinition[]): JobDefinition {
  const newestFirst = [...definitions].sort((a, b) => b.revision - a.revision);
  const found = newestFirst.find(
    ({ name, revision, arn }) =>
      asked === arn ||
      asked === name ||
      asked === `${name}:${revision}` ||
      asked === arn.slice(0, arn.lastIndexOf(':')),
  );
  return (
    found ??
    refuse(`jobDefinition: got ${show(asked)}, which is unknown or deregistered; ${names(definitions)} would do`)
  );
}

function names(things: readonly { readonly name: string }[]): string {
  return things.length === 0 ? 'one that exists' : things.map((thing) => thing.name).join(' or ');
}

function readArraySize(asked: unknown): { arraySize?: number } {
  if (asked === undefined) return {};
  const arraySize = numberOf(asked);
  return arraySize !== undefined &&
    Number.isInteger(arraySize) &&
    arraySize >= SMALLEST_ARRAY &&
    arraySize <= LARGEST_ARRAY
    ? { arraySize }
    : refuse(`arrayProperties.size: got ${show(asked)}; ${SMALLEST_ARRAY} to ${LARGEST_ARRAY} would do`);
}

function readParameters(input: unknown): Readonly<Record<string, string>> {
  if (input === undefined) return {};
  if (!isMap(input)) return refuse(`parameters: got ${show(input)}; a map of text would do`);
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : refuse(`parameters.${name}: got ${show(value)}; text would do`),
    ]),
  );
}

function checkDependencies(count: number): void {
  if (count > MOST_DEPENDENCIES) refuse(`dependsOn: got ${count}; at most ${MOST_DEPENDENCIES} would do`);
  if (count > 0) refuse('dependsOn: the local runner has no dependencies between jobs');
}

/** Container overrides, retry strategy and timeout of the job over the definition's. */
function override(definition: JobDefinition, input: JsonMap): JobDefinition {
  const container = mapOf(input.containerOverrides);
  const environment = { ...definition.environment, ...environmentOf(container.environment) };
  const reserved = Object.keys(environment).find((name) => name.startsWith(RESERVED_PREFIX));
  if (reserved !== undefined) refuse(`environment: got ${show(reserved)}; names beginning with AWS_BATCH are reserved`);
  const asked = (type: string): number | undefined =>
    numberOf(
      listOf(container.resourceRequirements)
        .map(mapOf)
        .find((requirement) => requirement.type === type)?.value,
    );
  const vcpus = asked('VCPU') ?? definition.vcpus;
  const memory = asked('MEMORY') ?? definition.memory;
  checkResources(vcpus, memory, 'SubmitJob');
  return {
    ...definition,
    command: container.command === undefined ? definition.command : listOf(container.command).map(String),
    environment,
    vcpus,
    memory,
    ...(input.retryStrategy === undefined ? {} : { retry: readRetryStrategy(mapOf(input.retryStrategy), 'SubmitJob') }),
    ...timeoutOf(mapOf(input.timeout).attemptDurationSeconds, refuse),
  };
}
