import type { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { CopyAttribute } from './model/names';

export interface MirrorTablesProps {
  readonly removalPolicy: RemovalPolicy;
}

/** What is desired, a row a mirror, and what was observed, an item a copy. */
export class MirrorTables extends Construct {
  readonly mirrors: TableV2;
  readonly copies: TableV2;

  constructor(scope: Construct, id: string, props: MirrorTablesProps) {
    super(scope, id);
    const common = {
      partitionKey: { name: CopyAttribute.SOURCE, type: AttributeType.STRING },
      timeToLiveAttribute: CopyAttribute.EXPIRES,
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: props.removalPolicy,
    };
    this.mirrors = new TableV2(this, 'Mirrors', { ...common, dynamoStream: StreamViewType.NEW_IMAGE });
    this.copies = new TableV2(this, 'Copies', {
      ...common,
      sortKey: { name: CopyAttribute.DESTINATION, type: AttributeType.STRING },
    });
  }
}
