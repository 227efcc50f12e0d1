import { Annotations, type RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import {
  AttributeType,
  type ITable,
  StreamViewType,
  Table,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { CopyAttribute } from './model/names';

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
      throw new Error(
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
    if (table instanceof Table) checkKey(table);
    if (table.tableStreamArn === undefined) {
      Annotations.of(this).addInfo(
        'existingTable has no stream: rows are looked at on schedule. With tableStreamArn, changed rows would be mirrored within seconds',
      );
    }
    return table;
  }
}

/** The keys of an imported table are known to nobody here. */
function checkKey(table: Table): void {
  const { partitionKeys, sortKeys } = table.schemaV2();
  const got = [...partitionKeys, ...sortKeys].map(({ name, type }) => `${name} (${type})`).join(', ');
  const wanted = `${CopyAttribute.SOURCE} (${AttributeType.STRING})`;
  if (got === wanted) return;
  throw new Error(`existingTable: got a table with the key ${got}; one whose key is ${wanted} alone would do`);
}
