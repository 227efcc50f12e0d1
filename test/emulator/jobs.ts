import { randomUUID } from 'node:crypto';
import { Env } from '../../lib/model/names';
import type { Activity } from '../../local/activity';
import { type AwsEndpoint, type Service, startAwsEndpoint } from '../../local/aws/endpoint';
import { makePrincipals } from '../../local/aws/principals';
import * as services from '../../local/aws/services';
import { makeBatchApi } from '../../local/batch/api';
import { readJobDefinition } from '../../local/batch/definition';
import { describeJob } from '../../local/batch/job';
import { makeRunner, type Runner } from '../../local/batch/runner';
import type { Registered } from '../../local/batch/submission';
import { ecrApi } from '../../local/ecr';
import type { RunningRegistry } from '../../local/registry';
import { readAssembly } from '../../local/template/assembly';
import { mapOf, textOf } from '../../local/template/value';
import type { Deployed } from './deployed';
import type { Emulator } from './emulator';

/** AWS Batch and Amazon ECR, which the emulator has only the names of: its functions find them at an address of their own. */
export interface Beside {
  readonly endpoint: AwsEndpoint;
  /** For whoever is to use them. */
  readonly environment: Readonly<Record<string, string>>;
  /** From here on jobs are run. */
  runJobs(runner: Runner, registered: Registered): void;
}

export async function startBeside(account: string, region: string, own: RunningRegistry): Promise<Beside> {
  const answering: Record<string, Service> = {
    ecr: services.ecrService(makePrincipals(account), (asked, place) =>
      asked === account && place === region ? ecrApi(own) : undefined,
    ),
    'ecr-public': services.ecrPublicService(),
  };
  const endpoint = await startAwsEndpoint(answering);
  return {
    endpoint,
    environment: {
      AWS_ENDPOINT_URL_BATCH: endpoint.url,
      AWS_ENDPOINT_URL_ECR: endpoint.url,
      AWS_ENDPOINT_URL_ECR_PUBLIC: endpoint.url,
    },
    runJobs: (runner, registered) => {
      answering.batch = services.batchService(makeBatchApi({ runner, registered }));
    },
  };
}

const VCPUS = 4;

/** Queues and definitions as the emulator keeps them. */
export function registeredOf({ queues, definitions }: Deployed): Registered {
  return {
    queues: queues.map(({ jobQueueName, jobQueueArn, state }) => ({
      name: textOf(jobQueueName) ?? '',
      arn: textOf(jobQueueArn) ?? '',
      enabled: state === 'ENABLED',
      maxvCpus: VCPUS,
    })),
    definitions: definitions.map(({ jobDefinitionName, jobDefinitionArn, templateProperties }) =>
      readJobDefinition({
        id: textOf(jobDefinitionName) ?? '',
        type: 'AWS::Batch::JobDefinition',
        ref: textOf(jobDefinitionArn) ?? '',
        attributes: {},
        properties: mapOf(templateProperties),
      }),
    ),
  };
}

export interface JobsOptions {
  readonly account: string;
  readonly region: string;
  readonly emulator: Emulator;
  readonly activity: Activity;
  readonly assembly: string;
  /** What every container sees beside its own. */
  readonly surroundings: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

/** Runs jobs and tells the emulator's event bus how they go. */
export function startJobs({ account, region, emulator, activity, assembly, ...options }: JobsOptions): Runner {
  const { asset } = readAssembly(assembly);
  return makeRunner({
    account,
    region,
    containers: 2,
    activity,
    folder: (image) => asset(image.slice(image.lastIndexOf(':') + 1)),
    surroundings: () => ({
      ...options.surroundings,
      AWS_ENDPOINT_URL: emulator.url,
      AWS_ACCESS_KEY_ID: account,
      AWS_SECRET_ACCESS_KEY: 'emulator',
      AWS_REGION: region,
    }),
    onLine: (job, line) => options.onLine(`${job.id} ${line}`),
    onStateChange: (job) => {
      const told = sendEvent(emulator, 'aws.batch', 'Batch Job State Change', describeJob(job));
      told.catch((error: Error) => options.onLine(`${job.id} ${error.message}`));
    },
  });
}

export async function sendEvent(
  { call }: Emulator,
  source: string,
  detailType: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  const entry = { Source: source, DetailType: detailType, Detail: JSON.stringify(detail), TraceHeader: randomUUID() };
  await call('events', 'AWSEvents.PutEvents', { Entries: [entry] });
}

/** Where registries are, for functions and containers. */
export function endpointsOf(
  registries: Readonly<Record<string, { readonly address: string; readonly bucketHost?: string | undefined }>>,
) {
  const endpoints = Object.entries(registries).flatMap(([name, { address, bucketHost }]) => [
    [name, address] as const,
    ...(bucketHost === undefined ? [] : [[bucketHost, `http://${bucketHost}`] as const]),
  ]);
  return { [Env.REGISTRY_ENDPOINTS]: JSON.stringify(Object.fromEntries(endpoints)) };
}
