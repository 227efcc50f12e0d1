import { RemovalPolicy } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AttributeType, StreamViewType, Table, type TablePropsV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { allowedTo, CONTROLLER_ROLE, filled, only, resourcesOf, synthesize, WORKER_ROLE } from './stack';

const TABLE = 'AWS::DynamoDB::GlobalTable';

describe('tables', () => {
  const template = synthesize().template();

  it('keeps mirrors by source, says what changed, and lets them expire', () => {
    template.hasResourceProperties(TABLE, {
      KeySchema: [{ AttributeName: 'Source', KeyType: 'HASH' }],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      TimeToLiveSpecification: { AttributeName: 'Expires', Enabled: true },
      BillingMode: 'PAY_PER_REQUEST',
    });
  });

  it('keeps copies by source and destination, and lets them expire', () => {
    template.hasResourceProperties(TABLE, {
      KeySchema: [
        { AttributeName: 'Source', KeyType: 'HASH' },
        { AttributeName: 'Destination', KeyType: 'RANGE' },
      ],
      StreamSpecification: Match.absent(),
      TimeToLiveSpecification: { AttributeName: 'Expires', Enabled: true },
    });
  });

  it('retains both and can bring back any moment', () => {
    template.allResources(TABLE, {
      DeletionPolicy: 'Retain',
      Properties: {
        Replicas: [Match.objectLike({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } })],
      },
    });
  });

  it('encrypts both with a key of the user, which whoever works with them may use', () => {
    const { template } = synthesize(
      (scope) => ({ encryptionKey: new Key(scope, 'Key'), images: [{ source: 'nginx' }] }),
      { env: { region: 'eu-west-1' } },
    );
    const made = template();
    made.allResourcesProperties(TABLE, { SSESpecification: { SSEEnabled: true, SSEType: 'KMS' } });
    for (const role of [CONTROLLER_ROLE, WORKER_ROLE]) {
      expect(resourcesOf(allowedTo(made, role), 'kms:Decrypt')).toHaveLength(1);
    }
    expect(resourcesOf(allowedTo(made, 'AWS'), 'kms:Decrypt')).toHaveLength(1);
    made.resourceCountIs('AWS::KMS::Key', 1);
  });

  it('removes what the user does not want to keep', () => {
    const removed = synthesize({ removalPolicy: RemovalPolicy.DESTROY, images: [{ source: 'nginx' }] }).template();
    for (const type of [TABLE, 'AWS::ECR::Repository']) removed.allResources(type, { DeletionPolicy: 'Delete' });
    const logs = Object.entries(removed.findResources('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' }));
    expect(logs.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
      'EcrMirrorDeploymentLogs',
      'MirrorControllerLogs',
      'MirrorWorkerLogs',
    ]);
    removed.hasResourceProperties('AWS::ECR::Repository', { EmptyOnDelete: true });
  });
});

describe('a table that is there already', () => {
  const tableArn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/old';
  const tableStreamArn = `${tableArn}/stream/2024-01-01T00:00:00.000`;

  it('is read, scanned and listened to, and no other is made', () => {
    const { mirror, template } = synthesize((scope) => ({
      existingTable: TableV2.fromTableAttributes(scope, 'Old', { tableArn, tableStreamArn }),
      images: [{ source: 'nginx' }],
    }));
    const made = template();
    made.resourceCountIs(TABLE, 1);
    made.hasResourceProperties('AWS::Lambda::EventSourceMapping', { EventSourceArn: tableStreamArn });
    expect(only(made, 'AWS::Lambda::Function', 'MirrorController').Environment).toMatchObject({
      Variables: { MIRRORS_TABLE: 'old' },
    });
    const controller = allowedTo(made, CONTROLLER_ROLE);
    // The other one is that of copies.
    expect(resourcesOf(controller, 'dynamodb:Scan')).toEqual([tableArn, expect.stringContaining('TablesCopies')]);
    expect(resourcesOf(controller, 'dynamodb:GetRecords')).toEqual([tableStreamArn]);
    expect(JSON.parse(filled(only(made, 'Custom::MirrorRow').Create)).parameters.TableName).toBe('old');
    expect(mirror.mirrors.tableName).toBe('old');
  });

  it('without a stream is read on schedule, which is said', () => {
    const { stack, template } = synthesize((scope) => ({
      existingTable: TableV2.fromTableArn(scope, 'Old', tableArn),
    }));
    template().resourceCountIs('AWS::Lambda::EventSourceMapping', 0);
    Annotations.fromStack(stack).hasInfo('*', Match.stringLikeRegexp('existingTable has no stream'));
  });

  it('may be one of the same app, of the first kind', () => {
    const { template } = synthesize((scope) => ({
      existingTable: new Table(scope, 'Old', {
        partitionKey: { name: 'Source', type: AttributeType.STRING },
        stream: StreamViewType.KEYS_ONLY,
      }),
    }));
    template().resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
  });

  it('may be one of the same app, of the second kind, unless it has another key', () => {
    const adopt = (props: Partial<TablePropsV2> = {}) =>
      synthesize((scope) => {
        const partitionKey = { name: 'Source', type: AttributeType.STRING };
        return { existingTable: new TableV2(scope, 'Old', { partitionKey, ...props }) };
      });
    expect(() => adopt()).not.toThrow();
    expect(() => adopt({ sortKey: { name: 'Tag', type: AttributeType.NUMBER } })).toThrow(
      'existingTable: got a table with the key Source (S), Tag (N); one whose key is Source (S) alone',
    );
    expect(() => adopt({ partitionKey: { name: 'Image', type: AttributeType.STRING } })).toThrow('the key Image (S)');
  });

  it('is refused with another key', () => {
    const other = () =>
      synthesize((scope) => ({
        existingTable: new Table(scope, 'Old', {
          partitionKey: { name: 'Source', type: AttributeType.STRING },
          sortKey: { name: 'Tag', type: AttributeType.STRING },
        }),
      }));
    expect(other).toThrow(
      'existingTable: got a table with the key Source (S), Tag (S); one whose key is Source (S) alone',
    );
  });
});
