import type { Agent } from 'node:https';
import { BatchClient } from '@aws-sdk/client-batch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECRPUBLICClient } from '@aws-sdk/client-ecr-public';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { RoleSetting } from '../lib/model/settings';
import { inRole } from './roles';

/** How AWS is reached. Region, profile, credentials and `AWS_ENDPOINT_URL` are found as the SDK finds them everywhere. */
export interface ClientOptions {
  /** @default - the environment's or the profile's */
  readonly region?: string;
  /** For https, such as a proxy's. @default - direct */
  readonly agent?: Agent;
  /** Tries of one request in all. @default 5 */
  readonly attempts?: number;
  /** Milliseconds without a byte after which a request has failed. @default 30000 */
  readonly idleTimeout?: number;
}

/** One client for each service and region, made when it is first asked for. Without a region: the default one. */
export interface AwsClients {
  documents(): DynamoDBDocumentClient;
  batch(): BatchClient;
  lambda(): LambdaClient;
  parameters(region?: string): SSMClient;
  secrets(region?: string): SecretsManagerClient;
  events(): EventBridgeClient;
  /** In a role, where one is given, else as whoever runs this. */
  ecr(region: string, role?: RoleSetting): ECRClient;
  ecrPublic(): ECRPUBLICClient;
  /** Ends idle connections. */
  close(): void;
}

/** Where the authorization of ECR Public is asked for, whatever the region. */
const ECR_PUBLIC_REGION = 'us-east-1';
const CONNECTION_TIMEOUT = 5_000;
const IDLE_TIMEOUT = 30_000;

export function awsClients(options: ClientOptions = {}): AwsClients {
  const made = new Map<string, { destroy(): void }>();

  function once<C extends { destroy(): void }>(
    service: new (config: ReturnType<typeof configuration>) => C,
    region = options.region,
    role?: RoleSetting,
  ): C {
    const key = `${service.name} ${region ?? ''} ${role?.roleArn ?? ''}`;
    const known = made.get(key) as C | undefined;
    if (known !== undefined) return known;
    const credentials = role === undefined ? undefined : inRole(role, () => once(STSClient));
    const client = new service(configuration(options, region, credentials));
    made.set(key, client);
    return client;
  }

  return {
    documents: () => documentClient(once(DynamoDBClient)),
    batch: () => once(BatchClient),
    lambda: () => once(LambdaClient),
    parameters: (region) => once(SSMClient, region),
    secrets: (region) => once(SecretsManagerClient, region),
    events: () => once(EventBridgeClient),
    ecr: (region, role) => once(ECRClient, region, role),
    ecrPublic: () => once(ECRPUBLICClient, ECR_PUBLIC_REGION),
    close: () => {
      for (const client of made.values()) client.destroy();
      made.clear();
    },
  };
}

/** How each client is made. */
export function configuration(options: ClientOptions, region?: string, credentials?: ReturnType<typeof inRole>) {
  return {
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: options.attempts ?? 5,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      socketTimeout: options.idleTimeout ?? IDLE_TIMEOUT,
      ...(options.agent === undefined ? {} : { httpsAgent: options.agent }),
    },
  };
}

/** A row may hold any number in any column: one beyond a double's precision must not make its whole page unreadable. */
function documentClient(client: DynamoDBClient): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
    unmarshallOptions: { wrapNumbers: Number },
  });
}
