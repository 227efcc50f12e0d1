import { CopyAttribute, Env } from '../../lib/model/names';
import { serialiseSettings } from '../../lib/model/settings-document';
import { type DynamoDb, startDynamoDb } from '../../local/aws/dynamodb';
import { type AwsEndpoint, startAwsEndpoint } from '../../local/aws/endpoint';
import { keyVariables, makePrincipals } from '../../local/aws/principals';
import * as services from '../../local/aws/services';
import { ecrApi } from '../../local/ecr';
import type { RequestRecord } from '../../local/registry';
import { type RunningRegistry, startRegistry } from '../../local/registry';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
export const OWN = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
export const SOURCE = 'upstream.example';
export const REPOSITORY = 'app';
export const MIRRORED = 'mirror/app';
export const TABLE = 'copies';
/** PutImage a second, as AWS grants them to every account. */
export const PUBLISHED = 10;

/** An answer to PutImage by the registry protocol. */
export interface PutImage {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly record: RequestRecord;
}

/** What workers work with: an upstream, Amazon ECR with its quotas, the table of copies, and AWS for the rest. */
export interface Ground {
  readonly upstream: RunningRegistry;
  readonly own: RunningRegistry;
  readonly database: DynamoDb;
  readonly aws: AwsEndpoint;
  readonly puts: readonly PutImage[];
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function layGround(): Promise<Ground> {
  const upstream = await startRegistry();
  const own = await startRegistry({
    personality: { kind: 'ecr', account: ACCOUNT, region: REGION, repositories: [MIRRORED], quotas: 1 },
  });
  const puts: PutImage[] = [];
  own.intercept((record) => {
    if (record.method === 'PUT' && record.kind === 'manifest') puts.push({ at: Date.now(), record });
    return undefined;
  });
  const database = await startDynamoDb();
  await createTable(database);
  const principals = makePrincipals(ACCOUNT);
  const plane = ecrApi(own);
  const aws = await startAwsEndpoint({
    dynamodb: services.dynamoDbService(database),
    ssm: services.parameterService(new Map([['settings', settings()]])),
    ecr: services.ecrService(principals, () => plane),
    sts: services.tokenService(principals),
  });
  return {
    upstream,
    own,
    database,
    aws,
    puts,
    environment: {
      PATH: process.env.PATH ?? '',
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: aws.url,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      ...keyVariables(principals.keyOf(`arn:aws:iam::${ACCOUNT}:role/worker`)),
      [Env.COPIES_TABLE]: TABLE,
      [Env.SETTINGS_PARAMETER]: 'settings',
      [Env.REGISTRY_ENDPOINTS]: JSON.stringify({
        [SOURCE]: upstream.address,
        [OWN]: own.address,
        ...(own.bucketHost === undefined ? {} : { [own.bucketHost]: `http://${own.bucketHost}` }),
      }),
    },
    close: async () => {
      await Promise.all([upstream.close(), own.close(), aws.close()]);
      await database.close();
    },
  };
}

function settings(): string {
  return serialiseSettings({
    permissions: { sources: [`${SOURCE}/**`], destinations: [`${OWN}/**`], outward: [] },
    mapping: {},
    credentials: [],
  });
}

async function createTable(database: DynamoDb): Promise<void> {
  const keys = [CopyAttribute.SOURCE, CopyAttribute.DESTINATION];
  await database.call('CreateTable', {
    TableName: TABLE,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys.map((AttributeName, place) => ({ AttributeName, KeyType: place === 0 ? 'HASH' : 'RANGE' })),
  });
}
