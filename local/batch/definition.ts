import { show } from '../../lib/model/invalid';
import { AwsError } from '../aws/error';
import type { Resource } from '../template/resolver';
import { type JsonMap, listOf, mapOf, numberOf, textOf } from '../template/value';
import { checkResources } from './fargate';
import { type RetryStrategy, readRetryStrategy } from './retry';

/** A job definition: what of a registered revision the runner acts on. */
export interface JobDefinition {
  readonly name: string;
  readonly revision: number;
  /** With the revision. */
  readonly arn: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly vcpus: number;
  /** MiB. */
  readonly memory: number;
  readonly retry: RetryStrategy;
  /** Seconds an attempt may take. @default - as long as it wants */
  readonly timeout?: number;
  readonly jobRoleArn?: string;
}

const LARGEST_DEFINITION = 24 * 1024;
const SHORTEST_TIMEOUT = 60;
const LOG_DRIVERS = ['awslogs', 'splunk'];
const EC2_ONLY = ['Privileged', 'Ulimits', 'InstanceType'];

/**
 * Reads a resource of type AWS::Batch::JobDefinition as RegisterJobDefinition would.
 *
 * @throws AwsError ClientException for what AWS Batch refuses on Fargate.
 */
export function readJobDefinition({ id, ref, properties }: Resource): JobDefinition {
  const refuse = (what: string): never => {
    throw new AwsError('ClientException', `job definition ${id}: ${what}`);
  };
  if (Buffer.byteLength(JSON.stringify(properties)) > LARGEST_DEFINITION) refuse('at most 24 KiB would do');
  const container = containerOf(properties);
  if (textOf(properties.Type) !== 'container') refuse(`type: got ${show(properties.Type)}; container would do`);
  checkFargate(container, refuse);
  const resources = resourcesOf(container);
  checkResources(resources.vcpus, resources.memory, `job definition ${id}`);
  const [name = id, revision = '1'] = ref.slice(ref.lastIndexOf('/') + 1).split(':');
  return {
    name,
    revision: Number(revision),
    arn: ref,
    image: textOf(container.Image) ?? refuse('an image would do'),
    command: listOf(container.Command).map((word) => textOf(word) ?? ''),
    environment: environmentOf(container.Environment),
    parameters: textMap(properties.Parameters),
    ...resources,
    retry: readRetryStrategy(lowerCamel(mapOf(properties.RetryStrategy)), `job definition ${id}`),
    ...timeoutOf(mapOf(properties.Timeout).AttemptDurationSeconds, refuse),
    ...(container.JobRoleArn === undefined ? {} : { jobRoleArn: textOf(container.JobRoleArn) }),
  };
}

/** `containerProperties`, or the one container of `ecsProperties`, under the former's names. */
function containerOf(properties: JsonMap): JsonMap {
  if (properties.ContainerProperties !== undefined) return mapOf(properties.ContainerProperties);
  const task = mapOf(listOf(mapOf(properties.EcsProperties).TaskProperties)[0]);
  return {
    ...mapOf(listOf(task.Containers)[0]),
    ...(task.TaskRoleArn === undefined ? {} : { JobRoleArn: task.TaskRoleArn }),
    ...(task.ExecutionRoleArn === undefined ? {} : { ExecutionRoleArn: task.ExecutionRoleArn }),
    ...(task.EphemeralStorage === undefined ? {} : { EphemeralStorage: task.EphemeralStorage }),
  };
}

function checkFargate(container: JsonMap, refuse: (what: string) => never): void {
  if (container.ExecutionRoleArn === undefined) refuse('executionRoleArn: got nothing; Fargate needs one');
  for (const property of EC2_ONLY) {
    if (container[property] !== undefined) refuse(`${property}: Fargate does not take it`);
  }
  const driver = textOf(mapOf(container.LogConfiguration).LogDriver);
  if (driver !== undefined && !LOG_DRIVERS.includes(driver)) {
    refuse(`logDriver: got ${show(driver)}; ${LOG_DRIVERS.join(' or ')} would do`);
  }
  const storage = numberOf(mapOf(container.EphemeralStorage).SizeInGiB);
  if (storage !== undefined && (storage < 21 || storage > 200)) {
    refuse(`ephemeralStorage: got ${storage} GiB; 21 to 200 would do`);
  }
}

function resourcesOf(container: JsonMap): { vcpus: number; memory: number } {
  const asked = (type: string): number | undefined =>
    numberOf(
      listOf(container.ResourceRequirements)
        .map(mapOf)
        .find((requirement) => requirement.Type === type)?.Value,
    );
  return {
    vcpus: asked('VCPU') ?? numberOf(container.Vcpus) ?? 0,
    memory: asked('MEMORY') ?? numberOf(container.Memory) ?? 0,
  };
}

/** @throws what `refuse` throws when the attempt is given less than Batch's least. */
export function timeoutOf(seconds: unknown, refuse: (what: string) => never): { timeout?: number } {
  if (seconds === undefined) return {};
  const timeout = numberOf(seconds);
  return timeout !== undefined && timeout >= SHORTEST_TIMEOUT
    ? { timeout }
    : refuse(`timeout: got ${show(seconds)}; at least ${SHORTEST_TIMEOUT} seconds would do`);
}

/** A list of names and values, as a map. Template and API write the names differently. */
export function environmentOf(list: unknown): Readonly<Record<string, string>> {
  const entries = listOf(list).map((item) => lowerCamel(mapOf(item)));
  return Object.fromEntries(entries.map(({ name, value }) => [textOf(name) ?? '', textOf(value) ?? '']));
}

function textMap(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(mapOf(value)).map(([name, item]) => [name, textOf(item) ?? '']));
}

/** A template's `AttemptDurationSeconds` is the API's `attemptDurationSeconds`. */
function lowerCamel(map: JsonMap): JsonMap {
  return Object.fromEntries(
    Object.entries(map).map(([name, item]) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      Array.isArray(item) ? item.map((each) => (typeof each === 'object' ? lowerCamel(mapOf(each)) : each)) : item,
    ]),
  );
}

/** Puts parameters in place of `Ref::name` in a command; one without a value stays as it is, as in AWS. */
export function substituteParameters(
  command: readonly string[],
  parameters: Readonly<Record<string, string>>,
): readonly string[] {
  return command.map((word) => {
    const name = word.startsWith('Ref::') ? word.slice('Ref::'.length) : undefined;
    return name !== undefined && Object.hasOwn(parameters, name) ? (parameters[name] as string) : word;
  });
}
