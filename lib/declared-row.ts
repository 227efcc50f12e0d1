import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import {
  AwsCustomResource,
  AwsCustomResourcePolicy,
  type AwsSdkCall,
  PhysicalResourceId,
} from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import type { TagSelection } from './model/tag-selection';

export interface DeclaredRowProps {
  readonly table: ITableV2;
  /** The row's key. */
  readonly source: string;
  /** `registry/repository`. @default - the mapping decides */
  readonly destination?: string;
  readonly tags?: TagSelection;
}

/**
 * A row of the table of mirrors that belongs to the stack: written at each change, and removed with its declaration unless
 * somebody else has made the row theirs. A row of that key which was there before is replaced.
 */
export class DeclaredRow extends Construct {
  constructor(scope: Construct, id: string, props: DeclaredRowProps) {
    super(scope, id);
    const owner = this.node.path;
    const put: AwsSdkCall = {
      service: 'DynamoDB',
      action: 'PutItem',
      parameters: { TableName: props.table.tableName, Item: item(props, owner) },
      physicalResourceId: PhysicalResourceId.of(props.source),
    };
    new AwsCustomResource(this, 'Resource', {
      resourceType: 'Custom::MirrorRow',
      onCreate: put,
      onUpdate: put,
      onDelete: {
        service: 'DynamoDB',
        action: 'DeleteItem',
        parameters: {
          TableName: props.table.tableName,
          Key: { Source: { S: props.source } },
          ConditionExpression: '#owner = :owner',
          ExpressionAttributeNames: { '#owner': 'Owner' },
          ExpressionAttributeValues: { ':owner': { S: owner } },
        },
        ignoreErrorCodesMatching: 'ConditionalCheckFailedException|ResourceNotFoundException',
      },
      policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: [props.table.tableArn] }),
      installLatestAwsSdk: false,
    });
  }
}

/** The row as DynamoDB's API takes it. */
function item(props: DeclaredRowProps, owner: string): Record<string, unknown> {
  return {
    Source: { S: props.source },
    Owner: { S: owner },
    ...(props.destination === undefined ? {} : { Destination: { S: props.destination } }),
    ...(props.tags === undefined ? {} : { Tags: { M: tags(props.tags) } }),
  };
}

function tags({ include, exclude, semver, latest, min }: TagSelection): Record<string, unknown> {
  const globs = (list: readonly string[]) => ({ L: list.map((glob) => ({ S: glob })) });
  return {
    ...(include === undefined ? {} : { Include: globs(include) }),
    ...(exclude === undefined ? {} : { Exclude: globs(exclude) }),
    ...(semver === undefined ? {} : { Semver: { S: semver } }),
    ...(latest === undefined ? {} : { Latest: { N: String(latest) } }),
    ...(min === undefined ? {} : { Min: { N: String(min) } }),
  };
}
