import { randomUUID } from 'node:crypto';
import { Env } from '../lib/model/names';
import { countActivity } from './activity';
import { startDynamoDb } from './aws/dynamodb';
import { type AwsEndpoint, type Service, startAwsEndpoint } from './aws/endpoint';
import { iamService, templatePolicies } from './aws/iam';
import { keyVariables, makePrincipals } from './aws/principals';
import { ecsService, eksService, imageFunctionService, nothingRuns, type Running } from './aws/running';
import { serviceQuotasService } from './aws/service-quotas';
import * as services from './aws/services';
import { makeBatchApi } from './batch/api';
import { describeJob, type Job } from './batch/job';
import { describePlaces } from './batch/places';
import { makeRunner, type Runner } from './batch/runner';
import { ecrApi } from './ecr';
import { makeEvent } from './events';
import type { Invocation } from './lambda/environment';
import type { RunningRegistry } from './registry';
import { type Functions, makeFunctions } from './stack/functions';
import { readRegistered } from './stack/jobs';
import { stackService } from './stack/outputs';
import { createCreationTemplates, createRepositories } from './stack/repositories';
import { makeRows, type Rows } from './stack/rows';
import { makeRules } from './stack/rules';
import { makeStateMachines } from './stack/state-machines';
import { makeStreamMapping } from './stack/stream';
import { createTables, writeDeclaredItems } from './stack/tables';
import { readAssembly } from './template/assembly';
import { type Resolver, resolveTemplate } from './template/resolver';
import { type Json, type JsonMap, textOf } from './template/value';

export interface StackOptions {
  /** The folder that `cdk synth` wrote. */
  readonly assembly: string;
  /** @default - the only one in the assembly */
  readonly stack?: string;
  /** @default '111122223333' */
  readonly account?: string;
  /** @default 'eu-west-1' */
  readonly region?: string;
  /**
   * Registries by the name that rows have for them: embedded ones, or others by their address. With Amazon ECR's
   * personality, its API is there as well.
   */
  readonly registries: Readonly<Record<string, RunningRegistry | OtherRegistry>>;
  /** Secrets by ARN or name. @default - none */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Parameters that are there already, by name. @default - those of the template */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What other stacks export. @default - nothing */
  readonly exports?: Readonly<Record<string, string>>;
  /** Containers at once. @default 2 */
  readonly containers?: number;
  /** Milliseconds that a second lasts of a job's timeout, and between two tries of a state machine. @default 1000 */
  readonly second?: number;
  readonly onJob?: (job: Job) => void;
  readonly onLine?: (line: LogLine) => void;
  /** What else runs in the account, for whoever asks what uses an image. @default - nothing */
  readonly running?: Running;
  /** Stands before a service, or for it, by the name that requests are signed for: `dynamodb`. @default - nothing does */
  readonly around?: (name: string, service: Service) => Service;
}

/** A registry that is no part of this process. */
export interface OtherRegistry {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  readonly ecr?: undefined;
  readonly bucketHost?: undefined;
}

export interface LogLine {
  /** The function's name or the job's id. */
  readonly from: string;
  readonly text: string;
}

/** A deployed stack, as far as one machine can be AWS. */
export interface LocalStack extends Rows {
  readonly aws: AwsEndpoint;
  /** What it is called, as CloudFormation knows it. */
  readonly name: string;
  readonly template: Resolver;
  /** For an SDK or a command line that is to work with this stack. */
  readonly environment: Readonly<Record<string, string>>;
  /** Every schedule, now. */
  runSchedule(): void;
  /** An event, such as a push to Amazon ECR, to the rules of the template. */
  deliver(event: JsonMap): void;
  /** @throws Error when there is no such function. */
  invoke(name: string, event: Json): Promise<Invocation>;
  /** @throws Error when something is still under way after so many milliseconds. @default 60000 */
  waitUntilIdle(timeout?: number): Promise<void>;
  readonly runner: Runner;
  /** The newest lines of functions and jobs. */
  readonly logs: readonly LogLine[];
  /** Each invocation of a function that failed for good. */
  readonly failures: readonly string[];
  /** Ends every process and server. */
  stop(): Promise<void>;
}

const MOST_LINES = 20_000;
const DEFAULT_IDLE = 60_000;

/**
 * The stack of a synthesized template on this machine: its own controller and worker bundles, in processes of their own,
 * against an embedded DynamoDB, registries and a job runner. What is not run: everything else in the template (networks,
 * policies, keys, queues, alarms).
 *
 * @throws Error or AwsError for a template that AWS would not deploy.
 */
export async function startStack(options: StackOptions): Promise<LocalStack> {
  const ground = await layGround(options);
  const { aws, place, template, activity, surroundings, record } = ground;
  const functions = makeFunctions({
    ...ground,
    onLine: record.line,
    onInvocation: (name, _event, invocation, final) => {
      if (final && 'error' in invocation) record.failures.push(`${name}: ${invocation.error.errorMessage}`);
    },
  });
  const rules = makeRules(template, functions.find, place.account, place.region);
  const emit = (source: string, detailType: string, detail: JsonMap, resources: readonly string[] = []) =>
    rules.deliver(makeEvent({ source, detailType, detail, resources, ...place, id: randomUUID(), time: Date.now() }));
  const runner = startRunner(options, ground, emit);
  const running = options.running ?? nothingRuns();
  const machines = makeStateMachines({ ...options, template, target: functions.find, activity: ground.activity });
  const { database, close } = await startTables(ground, functions);
  const answering: Record<string, Service> = {
    ...fixedServices(options, ground),
    batch: services.batchService({
      ...makeBatchApi({ runner, registered: readRegistered(template) }),
      ...describePlaces(template),
    }),
    cloudformation: stackService(ground.assembly, template),
    dynamodb: services.dynamoDbService(database),
    lambda: imageFunctionService(running, services.lambdaService(functions.find)),
    ecs: ecsService(running),
    eks: eksService(running),
    states: services.stateMachineService(machines),
    events: services.eventService((entry) =>
      emit(textOf(entry.Source) ?? '', textOf(entry.DetailType) ?? '', JSON.parse(textOf(entry.Detail) ?? '{}')),
    ),
  };
  for (const [name, service] of Object.entries(answering)) {
    ground.services[name] = options.around?.(name, service) ?? service;
  }

  const own = ground.planes[`${place.account}/${place.region}`];
  if (own !== undefined) {
    createRepositories(template, own);
    createCreationTemplates(template, own);
  }
  const environment = surroundings(`arn:aws:iam::${place.account}:role/operator`);
  const rows = makeRows(template, aws.url, environment);
  await writeDeclaredItems(database, template);

  return {
    ...rows,
    aws,
    name: ground.assembly.stackName,
    template,
    environment,
    runner,
    logs: record.lines,
    failures: record.failures,
    runSchedule: rules.runSchedules,
    deliver: rules.deliver,
    invoke: (name, event) => functions.find(name).invoke(event),
    waitUntilIdle: (timeout = DEFAULT_IDLE) => activity.idle(timeout),
    stop: async () => {
      machines.stop();
      await runner.stop();
      await Promise.all(functions.made().map((made) => made.stop()));
      rows.close();
      await aws.close();
      await close();
    },
  };
}

type Ground = Awaited<ReturnType<typeof layGround>>;

/** What everything else stands on: the template, an address for AWS (its services come later), a place for logs. */
async function layGround(options: StackOptions) {
  const place = placeOf(options);
  const assembly = readAssembly(options.assembly, options.stack);
  const template = resolveTemplate(assembly.template, {
    place: { ...place, stackName: assembly.stackName },
    ...(options.exports === undefined ? {} : { exports: options.exports }),
  });
  const answering: Record<string, Service> = {};
  const aws = await startAwsEndpoint(answering);
  const principals = makePrincipals(place.account);
  return {
    place,
    assembly,
    template,
    aws,
    services: answering,
    planes: ecrPlanes(options.registries),
    principals,
    activity: countActivity(),
    record: makeRecord(options.onLine),
    surroundings: (roleArn: string) => ({
      ...commonEnvironment(place.region, aws.url, options.registries),
      ...keyVariables(principals.keyOf(roleArn)),
    }),
  };
}

/** The control planes of the registries that are Amazon ECR's, by `account/region`. */
function ecrPlanes(registries: StackOptions['registries']): Readonly<Record<string, services.EcrControlPlane>> {
  const planes = Object.values(registries).flatMap((registry) =>
    registry.ecr === undefined ? [] : [[`${registry.ecr.account}/${registry.ecr.region}`, ecrApi(registry)] as const],
  );
  return Object.fromEntries(planes);
}

function makeRecord(onLine: StackOptions['onLine']) {
  const lines: LogLine[] = [];
  const failures: string[] = [];
  return {
    lines,
    failures,
    line: (from: string, text: string) => {
      if (lines.length === MOST_LINES) lines.shift();
      lines.push({ from, text });
      onLine?.({ from, text });
    },
  };
}

/** DynamoDB with the template's tables, whose streams reach the functions that are mapped to them. */
async function startTables({ template, place, activity }: Ground, functions: Functions) {
  const mappings = template
    .ofType('AWS::Lambda::EventSourceMapping')
    .map((mapping) => makeStreamMapping(mapping, { region: place.region, target: functions.find, activity }));
  const embedded = await startDynamoDb();
  const database = await createTables(embedded, template, (streamArn, change) => {
    for (const mapping of mappings) if (mapping.streamArn === streamArn) mapping.push(change);
  });
  return { database, close: embedded.close };
}

type Emit = (source: string, detailType: string, detail: JsonMap, resources?: readonly string[]) => void;

function startRunner(options: StackOptions, ground: Ground, emit: Emit): Runner {
  return makeRunner({
    ...ground.place,
    activity: ground.activity,
    containers: options.containers ?? 2,
    folder: (image) => ground.assembly.asset(image.slice(image.lastIndexOf(':') + 1)),
    surroundings: ({ jobRoleArn }) => ground.surroundings(jobRoleArn ?? ''),
    ...(options.second === undefined ? {} : { second: options.second }),
    onLine: ({ id }, line) => ground.record.line(id, line),
    onStateChange: (job) => {
      options.onJob?.(job);
      emit('aws.batch', 'Batch Job State Change', describeJob(job), [job.arn]);
    },
  });
}

/** The services that need nothing of what runs here. */
function fixedServices(options: StackOptions, { principals, template, planes }: Ground): Record<string, Service> {
  return {
    ecr: services.ecrService(principals, (account, region) => planes[`${account}/${region}`]),
    ec2: services.securityGroupService(),
    'ecr-public': services.ecrPublicService(),
    iam: iamService(templatePolicies(template)),
    secretsmanager: services.secretService(new Map(Object.entries(options.secrets ?? {}))),
    servicequotas: serviceQuotasService(),
    ssm: services.parameterService(parametersOf(template, options.parameters)),
    sts: services.tokenService(principals),
  };
}

function placeOf(options: StackOptions) {
  const region = options.region ?? 'eu-west-1';
  return { account: options.account ?? '111122223333', region, partition: 'aws', urlSuffix: 'amazonaws.com' };
}

/** Nothing of this machine's own: no profile, no credentials, no instance metadata. In AWS Node is newer than here may be. */
function commonEnvironment(region: string, url: string, registries: StackOptions['registries']) {
  const endpoints = Object.entries(registries).flatMap(([name, { address, bucketHost }]) => [
    [name, address] as const,
    // Where blobs are redirected to is trusted as well, by naming it.
    ...(bucketHost === undefined ? [] : [[bucketHost, `http://${bucketHost}`] as const]),
  ]);
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: url,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    [Env.REGISTRY_ENDPOINTS]: JSON.stringify(Object.fromEntries(endpoints)),
  };
}

function parametersOf(template: Resolver, others: StackOptions['parameters'] = {}): ReadonlyMap<string, string> {
  const parameters = template.ofType('AWS::SSM::Parameter');
  return new Map([
    ...Object.entries(others),
    ...parameters.map(({ ref, attributes }) => [ref, attributes.Value ?? ''] as const),
  ]);
}
