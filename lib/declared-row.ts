import type { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, type AwsSdkCall, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import type { ImageComparison } from './image-comparison';
import { formatAge } from './model/age';
import { parseRow } from './model/mirror-row';
import type { SignatureRequirement } from './model/signature-requirement';
import type { TagSelection } from './model/tag-selection';
import { withStandIns } from './patterns';
import { PropsInvalid } from './props-invalid';
import type { RowPolicy } from './row-policy';
import { grantTableKey } from './table-access';

export interface DeclaredRowProps {
  readonly table: ITable;
  /** The row's key. */
  readonly source: string;
  /** `registry/repository`, or with a tag. @default - the mapping decides */
  readonly destinations?: readonly string[];
  readonly tags?: TagSelection;
  readonly platforms?: readonly string[];
  readonly compare?: ImageComparison;
  readonly minAge?: Duration;
  readonly keepPrevious?: boolean;
  readonly onConflict?: string;
  readonly requireSignature?: SignatureRequirement;
  readonly staleAfter?: Duration;
  readonly policy: RowPolicy;
  /** Of the function that writes rows, one for the whole stack. */
  readonly logGroup: ILogGroup;
}

/**
 * A row of the table of mirrors that belongs to the stack: written at each change, and removed with its declaration unless
 * somebody else has made the row theirs. A row of that key which was there before is replaced.
 */
export class DeclaredRow extends Construct {
  constructor(scope: Construct, id: string, props: DeclaredRowProps) {
    super(scope, id);
    const owner = this.node.path;
    const row = attributes(props, owner);
    check(row);
    const put: AwsSdkCall = {
      service: 'DynamoDB',
      action: 'PutItem',
      parameters: { TableName: props.table.tableName, Item: marshalled(row).M },
      physicalResourceId: PhysicalResourceId.of(props.source),
    };
    const resource = new AwsCustomResource(this, 'Resource', {
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
      ...props.policy.props,
      installLatestAwsSdk: false,
      logGroup: props.logGroup,
    });
    props.policy.outlive(resource);
    grantTableKey(props.table, resource, ['PutItem', 'DeleteItem']);
  }
}

type Attribute = string | number | boolean | readonly string[] | { readonly [name: string]: Attribute };

/** The row's attributes as plain values. */
function attributes(props: DeclaredRowProps, owner: string): Record<string, Attribute> {
  const { source, destinations = [], tags, platforms, compare, requireSignature, staleAfter } = props;
  return {
    Source: source,
    Owner: owner,
    ...(destinations.length === 0 ? {} : { Destination: oneOrAll(destinations) }),
    ...(tags === undefined ? {} : { Tags: tagAttributes(tags) }),
    ...(platforms === undefined ? {} : { Platforms: platforms }),
    ...(compare === undefined ? {} : { Compare: compare }),
    ...policyAttributes(props),
    ...(requireSignature === undefined ? {} : { RequireSignature: signatureAttributes(requireSignature) }),
    ...(staleAfter === undefined ? {} : { StaleAfter: `${staleAfter.toSeconds()}s` }),
  };
}

/** When and how its tags may move. */
function policyAttributes({ minAge, keepPrevious, onConflict }: DeclaredRowProps): Record<string, Attribute> {
  return {
    ...(minAge === undefined ? {} : { MinAge: ageText(minAge) }),
    ...(keepPrevious === undefined ? {} : { KeepPrevious: keepPrevious }),
    ...(onConflict === undefined ? {} : { OnConflict: onConflict }),
  };
}

/** @throws Error for an age that is known at deployment only, or is none */
function ageText(minAge: Duration): string {
  if (minAge.isUnresolved())
    throw new PropsInvalid('minAge: got one that is known at deployment only; a fixed one would do');
  return formatAge(minAge.toSeconds()) || '0s';
}

function oneOrAll(texts: readonly string[]): string | readonly string[] {
  const [only, ...others] = texts;
  return only === undefined || others.length > 0 ? texts : only;
}

function tagAttributes({ include, exclude, semver, latest, min }: TagSelection): Record<string, Attribute> {
  return {
    ...(include === undefined ? {} : { Include: include }),
    ...(exclude === undefined ? {} : { Exclude: exclude }),
    ...(semver === undefined ? {} : { Semver: semver }),
    ...(latest === undefined ? {} : { Latest: latest }),
    ...(min === undefined ? {} : { Min: min }),
  };
}

function signatureAttributes(requirement: SignatureRequirement): Record<string, Attribute> {
  if (!('keys' in requirement)) return { Identity: requirement.identity, Issuer: requirement.issuer };
  return { Keys: requirement.keys };
}

/** A registry in the place of one that may be known at deployment only. */
const SOME_REGISTRY = 'registry.example.com';

/** What the controller would say of the row, said at synthesis. @throws Error naming the row and the attribute. */
function check(row: Record<string, Attribute>): void {
  const { Source, Destination = [] } = row as { Source: string; Destination?: string | readonly string[] };
  const destinations = [Destination].flat().map(withStandIns);
  const known = {
    ...row,
    Source: withStandIns(Source),
    ...(destinations.length === 0 ? {} : { Destination: destinations }),
  };
  const { problems } = parseRow(known, { mapping: { registry: SOME_REGISTRY } });
  const problem = problems.find(({ severity }) => severity === 'error');
  if (problem !== undefined)
    throw new PropsInvalid(`images: ${known.Source}: ${problem.attribute}: ${problem.message}`);
}

/** As DynamoDB's API takes it. */
function marshalled(value: Attribute): Record<string, unknown> {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(marshalled) };
  return { M: Object.fromEntries(Object.entries(value).map(([name, one]) => [name, marshalled(one)])) };
}
