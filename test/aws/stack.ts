import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { type AwsClients, awsClients } from '../../aws/clients';
import type { Table } from '../../aws/items';
import type { Clock } from '../../engine/ports';
import { startDynamoDb } from '../../local/aws/dynamodb';
import { type AwsEndpoint, type Service, startAwsEndpoint } from '../../local/aws/endpoint';
import { dynamoDbService } from '../../local/aws/services';
import { secretNamed } from '../../local/canary';

/** AWS in this process: DynamoDB with both tables, and whatever other services a test brings. */
export interface Stack {
  readonly endpoint: AwsEndpoint;
  readonly clients: AwsClients;
  readonly mirrors: Table;
  readonly copies: Table;
  /** `service operation` of the calls so far, DynamoDB's left out. */
  calls(): string[];
  close(): Promise<void>;
}

const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIALOCALLOCALLOCALL',
  AWS_SECRET_ACCESS_KEY: secretNamed('key'),
};

export interface StackOptions {
  /** Stands before the real DynamoDB. @default - nothing does */
  readonly dynamoDb?: (real: Service) => Service;
}

export async function startStack(
  services: Readonly<Record<string, Service>> = {},
  options: StackOptions = {},
): Promise<Stack> {
  const database = await startDynamoDb();
  const real = dynamoDbService(database);
  const endpoint = await startAwsEndpoint({ dynamodb: options.dynamoDb?.(real) ?? real, ...services });
  Object.assign(process.env, ENVIRONMENT, { AWS_ENDPOINT_URL: endpoint.url });
  const clients = awsClients({ attempts: 1 });
  const table = (name: string): Table => ({ name, documents: clients.documents() });
  await createTable(clients, 'mirrors', ['Source']);
  await createTable(clients, 'copies', ['Source', 'Destination']);
  return {
    endpoint,
    clients,
    mirrors: table('mirrors'),
    copies: table('copies'),
    calls: () => {
      const others = endpoint.calls.filter(({ service }) => service !== 'dynamodb');
      return others.map(({ service, operation }) => `${service} ${operation}`);
    },
    close: async () => {
      clients.close();
      await endpoint.close();
      await database.close();
    },
  };
}

async function createTable(clients: AwsClients, name: string, keys: readonly string[]): Promise<void> {
  await clients.documents().send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keys.map((AttributeName, position) => ({
        AttributeName,
        KeyType: position === 0 ? 'HASH' : 'RANGE',
      })),
    }),
  );
}

/** A clock that stands until it is moved; sleeping takes no time. */
export function standingClock(start = Date.parse('2026-01-01T00:00:00Z')): Clock & { advance(seconds: number): void } {
  let now = start;
  return {
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
    advance: (seconds) => {
      now += seconds * 1000;
    },
  };
}
