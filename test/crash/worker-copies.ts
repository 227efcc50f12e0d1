import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { LocalStack } from '../../local/stack';
import type { Attributes } from '../../local/stack/rows';

/** The table of copies, as tests look at it. */
export interface Copies {
  read(Key: { readonly Source: string; readonly Destination: string }): Promise<Attributes>;
  /** As if it had never been mirrored. */
  forget(Key: { readonly Source: string; readonly Destination: string }): Promise<void>;
  /** Takes away what has expired, as DynamoDB's TTL does. @param now milliseconds since the epoch */
  expire(now: number): Promise<void>;
  close(): void;
}

export function openCopies({ aws, environment, tables }: LocalStack): Copies {
  const { AWS_REGION, AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const client = new DynamoDBClient({ endpoint: aws.url, region: AWS_REGION, credentials });
  const documents = DynamoDBDocumentClient.from(client);
  const TableName = tables.copies;
  return {
    read: async (Key) => (await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item ?? {},
    forget: async (Key) => {
      await documents.send(new DeleteCommand({ TableName, Key }));
    },
    expire: async (now) => {
      const FilterExpression = 'Expires < :now';
      const ExpressionAttributeValues = { ':now': Math.floor(now / 1000) };
      // What was written since it was last asked for: one page.
      const asked = new ScanCommand({ TableName, FilterExpression, ExpressionAttributeValues, ConsistentRead: true });
      for (const { Source, Destination } of (await documents.send(asked)).Items ?? []) {
        await documents.send(new DeleteCommand({ TableName, Key: { Source, Destination } }));
      }
    },
    close: () => client.destroy(),
  };
}
