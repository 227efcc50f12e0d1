import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { CopyAttribute, Env, ROW_ITEM } from '../../lib/model/names';
import type { Resolver } from '../template/resolver';
import { mapOf, textOf } from '../template/value';

export type Attributes = Readonly<Record<string, unknown>>;

/** The two tables, as somebody with the SDK sees them. */
export interface Rows {
  readonly tables: { readonly mirrors: string; readonly copies: string };
  /** Writes a row into the table of mirrors. */
  putRow(row: Attributes): Promise<void>;
  deleteRow(source: string): Promise<void>;
  /** What the table of copies says of copies and rows; work lists and runs are left out. */
  copies(): Promise<readonly Attributes[]>;
  /** Makes the table say something else of a copy, such as that it was mirrored long ago: nobody waits for that here. */
  changeCopy(source: string, destination: string, said: Attributes): Promise<void>;
  close(): void;
}

export function makeRows(template: Resolver, endpoint: string, environment: Readonly<Record<string, string>>): Rows {
  const tables = { mirrors: tableNamed(template, Env.MIRRORS_TABLE), copies: tableNamed(template, Env.COPIES_TABLE) };
  const client = new DynamoDBClient({
    endpoint,
    region: environment.AWS_REGION ?? '',
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  const documents = DynamoDBDocumentClient.from(client);
  return {
    tables,
    putRow: async (row) => {
      await documents.send(new PutCommand({ TableName: tables.mirrors, Item: { ...row } }));
    },
    deleteRow: async (source) => {
      await documents.send(new DeleteCommand({ TableName: tables.mirrors, Key: { [CopyAttribute.SOURCE]: source } }));
    },
    copies: async () => {
      const items: Attributes[] = [];
      for await (const page of paginateScan(
        { client: documents },
        { TableName: tables.copies, ConsistentRead: true },
      )) {
        items.push(...(page.Items ?? []).filter(isCopy));
      }
      return items.sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
    },
    changeCopy: async (source, destination, said) => {
      const Key = { [CopyAttribute.SOURCE]: source, [CopyAttribute.DESTINATION]: destination };
      const { Item } = await documents.send(new GetCommand({ TableName: tables.copies, Key, ConsistentRead: true }));
      await documents.send(new PutCommand({ TableName: tables.copies, Item: { ...Item, ...Key, ...said } }));
    },
    close: () => client.destroy(),
  };
}

function isCopy(item: Attributes): boolean {
  const destination = item[CopyAttribute.DESTINATION];
  return item[CopyAttribute.STATE] !== undefined && (destination === ROW_ITEM || String(destination).includes('/'));
}

function keyOf(item: Attributes): string {
  return `${item[CopyAttribute.SOURCE]} ${item[CopyAttribute.DESTINATION]}`;
}

/** The table that a function of the template is told of under this variable. */
function tableNamed(template: Resolver, variable: string): string {
  const names = template
    .ofType('AWS::Lambda::Function')
    .map(({ properties }) => textOf(mapOf(mapOf(properties.Environment).Variables)[variable]))
    .filter((name) => name !== undefined);
  const [name] = names;
  if (name === undefined) throw new Error(`template: a function with ${variable} in its environment would do`);
  return name;
}
