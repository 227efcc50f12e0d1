import { BatchClient, SubmitJobCommand } from '@aws-sdk/client-batch';
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Change, type DynamoDb, startDynamoDb, withStreams } from '../../../local/aws/dynamodb';
import { type AwsEndpoint, startAwsEndpoint } from '../../../local/aws/endpoint';
import { AwsError } from '../../../local/aws/error';
import { makePrincipals } from '../../../local/aws/principals';
import * as services from '../../../local/aws/services';
import { secretNamed } from '../../../local/canary';
import type { LocalFunction } from '../../../local/lambda/function';
import type { Json } from '../../../local/template/value';

const OWN = '111122223333';
const principals = makePrincipals(OWN);
const role = principals.keyOf(`arn:aws:iam::${OWN}:role/worker`);
const changes: Change[] = [];
const events: Json[] = [];
let embedded: DynamoDb;
let endpoint: AwsEndpoint;

const controller: LocalFunction = {
  name: 'controller',
  arn: 'arn:aws:lambda:eu-west-1:111122223333:function:controller',
  invoke: async (event) =>
    event === 'fail'
      ? { requestId: '1', error: { errorType: 'Error', errorMessage: 'no' } }
      : { requestId: '1', result: { got: event } },
  invokeAsync: (event) => void events.push(event),
  stop: async () => {},
};

beforeAll(async () => {
  embedded = await startDynamoDb();
  const database = withStreams(
    embedded,
    (table) => (table === 'mirrors' ? ['Source'] : undefined),
    (change) => changes.push(change),
  );
  endpoint = await startAwsEndpoint({
    dynamodb: services.dynamoDbService(database),
    ecr: services.ecrService(principals, (account, region) =>
      account === OWN && region === 'eu-west-1'
        ? (operation) => ({ authorizationData: [{ proxyEndpoint: operation }] })
        : undefined,
    ),
    batch: services.batchService({
      submitjob: () => {
        throw new AwsError('ClientException', 'no such queue');
      },
    }),
    lambda: services.lambdaService((asked) => {
      if (asked === controller.name || asked === controller.arn) return controller;
      throw new Error('none');
    }),
    ssm: services.parameterService(new Map([['settings', '{"a":1}']])),
    secretsmanager: services.secretService(new Map([['hub', `user:${secretNamed('of-user')}`]])),
    sts: services.tokenService(principals),
  });
  for (const [TableName, AttributeName] of [
    ['mirrors', 'Source'],
    ['copies', 'Source'],
  ] as const) {
    await dynamodb().send(
      new CreateTableCommand({
        TableName,
        KeySchema: [{ AttributeName, KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName, AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  }
});
afterAll(async () => {
  await endpoint.close();
  await embedded.close();
});

const configuration = (key = role) => ({
  endpoint: endpoint.url,
  region: 'eu-west-1',
  maxAttempts: 1,
  credentials: { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey },
});
const dynamodb = () => new DynamoDBClient(configuration());
const put = (TableName: string, Source: string) =>
  dynamodb().send(new PutItemCommand({ TableName, Item: { Source: { S: Source } } }));

describe('DynamoDB', () => {
  it('keeps items, and tells of each change where the table has a stream', async () => {
    await put('mirrors', 'nginx');
    await put('mirrors', 'nginx');
    await put('copies', 'nginx');
    const { Item } = await dynamodb().send(
      new GetItemCommand({ TableName: 'mirrors', Key: { Source: { S: 'nginx' } } }),
    );
    expect(Item).toEqual({ Source: { S: 'nginx' } });
    expect(changes).toEqual([
      { table: 'mirrors', keys: { Source: { S: 'nginx' } }, before: undefined, after: { Source: { S: 'nginx' } } },
    ]);
  });

  it('returns the item that fails a condition', async () => {
    await put('copies', 'held');
    const update = new UpdateItemCommand({
      TableName: 'copies',
      Key: { Source: { S: 'held' } },
      UpdateExpression: 'SET A = :a',
      ConditionExpression: 'attribute_not_exists(#s)',
      ExpressionAttributeNames: { '#s': 'Source' },
      ExpressionAttributeValues: { ':a': { N: '1' } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    await expect(dynamodb().send(update)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { Source: { S: 'held' } },
    });
  });

  it('does not know transactions, and says so', async () => {
    const before = endpoint.unknown.length;
    await expect(dynamodb().send(new TransactWriteItemsCommand({ TransactItems: [] }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
    expect(endpoint.unknown.slice(before)).toEqual(['dynamodb TransactWriteItems']);
  });
});

describe('other services', () => {
  it('finds the ECR of the caller, and says that there is none elsewhere', async () => {
    const { authorizationData } = await new ECRClient(configuration()).send(new GetAuthorizationTokenCommand({}));
    expect(authorizationData?.[0]?.proxyEndpoint).toBe('GetAuthorizationToken');
    const elsewhere = new ECRClient({ ...configuration(), region: 'us-east-1' });
    await expect(elsewhere.send(new GetAuthorizationTokenCommand({}))).rejects.toThrow(
      /no registry 111122223333 in us-east-1/,
    );
  });

  it('answers errors of AWS Batch in its own manner', async () => {
    const submit = new SubmitJobCommand({ jobName: 'a', jobQueue: 'q', jobDefinition: 'd' });
    await expect(new BatchClient(configuration()).send(submit)).rejects.toMatchObject({
      name: 'ClientException',
      message: 'no such queue',
    });
  });

  it('invokes a function for its result, or as an event', async () => {
    const lambda = new LambdaClient(configuration());
    const invoke = (FunctionName: string, payload: Json, InvocationType?: 'Event') =>
      lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload), InvocationType }));
    const answered = await invoke(controller.arn, { a: 1 });
    expect(JSON.parse(answered.Payload?.transformToString() ?? '')).toEqual({ got: { a: 1 } });
    expect((await invoke('controller', 'fail')).FunctionError).toBe('Unhandled');
    expect((await invoke('controller', { b: 2 }, 'Event')).StatusCode).toBe(202);
    expect(events).toEqual([{ b: 2 }]);
    await expect(invoke('nobody', {})).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('has parameters and secrets, and says which is missing', async () => {
    const ssm = new SSMClient(configuration());
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: 'settings' }));
    expect(Parameter?.Value).toBe('{"a":1}');
    await expect(ssm.send(new GetParameterCommand({ Name: 'other' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
    const secrets = new SecretsManagerClient(configuration());
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: 'hub' }));
    expect(SecretString).toBe(`user:${secretNamed('of-user')}`);
    await expect(secrets.send(new GetSecretValueCommand({ SecretId: 'other' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('knows who calls, and hands out the keys of a role in another account', async () => {
    const sts = new STSClient(configuration());
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: OWN,
      Arn: `arn:aws:iam::${OWN}:role/worker`,
    });
    const RoleArn = 'arn:aws:iam::444455556666:role/mirror';
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'mirror' }));
    const key = { accessKeyId: Credentials?.AccessKeyId ?? '', secretAccessKey: 'x', sessionToken: 'x' };
    const other = await new STSClient(configuration(key)).send(new GetCallerIdentityCommand({}));
    expect(other.Account).toBe('444455556666');
    await expect(
      sts.send(new AssumeRoleCommand({ RoleArn: 'mirror', RoleSessionName: 'mirror' })),
    ).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });
});

it('records who called what, and how it ended', () => {
  expect(endpoint.calls).toContainEqual(
    expect.objectContaining({
      service: 'ssm',
      operation: 'GetParameter',
      accessKeyId: role.accessKeyId,
      error: 'ParameterNotFound',
    }),
  );
});

it('refuses what is not signed, and services that it does not have', async () => {
  const unsigned = await fetch(endpoint.url, { method: 'POST', body: '{}' });
  expect([unsigned.status, await unsigned.json()]).toMatchObject([
    403,
    { __type: 'MissingAuthenticationTokenException' },
  ]);
  const authorization = 'AWS4-HMAC-SHA256 Credential=a/20260101/eu-west-1/kms/aws4_request';
  const other = await fetch(endpoint.url, {
    method: 'POST',
    body: '{}',
    headers: { authorization, 'x-amz-target': 'TrentService.Decrypt' },
  });
  expect([other.status, await other.json()]).toMatchObject([
    400,
    { __type: 'UnknownOperationException', message: 'kms Decrypt' },
  ]);
});
