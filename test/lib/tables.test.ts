import { RemovalPolicy } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { synthesize } from './stack';

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

  it('removes what the user does not want to keep', () => {
    const removed = synthesize({ removalPolicy: RemovalPolicy.DESTROY, images: [{ source: 'nginx' }] }).template();
    for (const type of [TABLE, 'AWS::ECR::Repository']) removed.allResources(type, { DeletionPolicy: 'Delete' });
    const logs = Object.entries(removed.findResources('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' }));
    expect(logs.filter(([id]) => id.startsWith('Mirror'))).toHaveLength(2);
    removed.hasResourceProperties('AWS::ECR::Repository', { EmptyOnDelete: true });
  });
});
