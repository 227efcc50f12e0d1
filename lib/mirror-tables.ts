import { Annotations, type RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import {
  AttributeType,
  CfnGlobalTable,
  type CfnGlobalTableProps,
  type ITable,
  StreamViewType,
  Table,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { CopyAttribute } from './model/names';
import { PropsInvalid } from './props-invalid';

export interface MirrorTablesProps {
  readonly removalPolicy: RemovalPolicy;
  readonly encryptionKey?: IKey;
  /** A table of mirrors that is there already. */
  readonly existingTable?: ITable;
}

/** What is desired, a row a mirror, and what was observed, an item a copy. */
export class MirrorTables extends Construct {
  readonly mirrors: ITable;
  readonly copies: ITable;

  constructor(scope: Construct, id: string, { removalPolicy, encryptionKey, existingTable }: MirrorTablesProps) {
    super(scope, id);
    if (encryptionKey !== undefined && Token.isUnresolved(Stack.of(this).region)) {
      throw new PropsInvalid(
        'encryptionKey: got it in a stack whose region is known at deployment only; a stack with env: { region } would do',
      );
    }
    const common = {
      partitionKey: { name: CopyAttribute.SOURCE, type: AttributeType.STRING },
      timeToLiveAttribute: CopyAttribute.EXPIRES,
      encryption:
        encryptionKey === undefined
          ? TableEncryptionV2.dynamoOwnedKey()
          : TableEncryptionV2.customerManagedKey(encryptionKey),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy,
    };
    this.mirrors =
      existingTable === undefined
        ? new TableV2(this, 'Mirrors', { ...common, dynamoStream: StreamViewType.NEW_IMAGE })
        : this.adopt(existingTable);
    this.copies = new TableV2(this, 'Copies', {
      ...common,
      sortKey: { name: CopyAttribute.DESTINATION, type: AttributeType.STRING },
    });
  }

  /** Whether changes of rows can be heard of. */
  get tellsChanges(): boolean {
    return this.mirrors.tableStreamArn !== undefined;
  }

  private adopt(table: ITable): ITable {
    const key = keyOf(table);
    if (key !== undefined) checkKey(key);
    if (table.tableStreamArn === undefined) {
      Annotations.of(this).addInfo(
        'existingTable has no stream: rows are looked at on schedule. With tableStreamArn, changed rows would be mirrored within seconds',
      );
    }
    return table;
  }
}

/** A table's key, the type of each attribute in brackets; undefined for an imported table, whose key is known to nobody here. */
function keyOf(table: ITable): string | undefined {
  if (table instanceof Table) {
    const { partitionKeys, sortKeys } = table.schemaV2();
    return [...partitionKeys, ...sortKeys].map(({ name, type }) => `${name} (${type})`).join(', ');
  }
  const resource = table.node.defaultChild;
  if (!CfnGlobalTable.isCfnGlobalTable(resource)) return undefined;
  const { keySchema, attributeDefinitions }: CfnGlobalTableProps = Stack.of(table).resolve({
    keySchema: resource.keySchema,
    attributeDefinitions: resource.attributeDefinitions,
  });
  const types = new Map(
    (attributeDefinitions as CfnGlobalTable.AttributeDefinitionProperty[]).map((one) => [
      one.attributeName,
      one.attributeType,
    ]),
  );
  const names = (keySchema as CfnGlobalTable.KeySchemaProperty[]).map(({ attributeName }) => attributeName);
  return names.map((name) => `${name} (${types.get(name)})`).join(', ');
}

function checkKey(got: string): void {
  const wanted = `${CopyAttribute.SOURCE} (${AttributeType.STRING})`;
  if (got === wanted) return;
  throw new PropsInvalid(`existingTable: got a table with the key ${got}; one whose key is ${wanted} alone would do`);
}
