import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import type { Construct } from 'constructs';

/** CloudFormation has no resource for settings of Amazon ECR's account. */
export function enableBlobMounting(scope: Construct, logGroup: ILogGroup): void {
  const put = {
    service: 'ECR',
    action: 'PutAccountSetting',
    parameters: { name: 'BLOB_MOUNTING', value: 'ENABLED' },
    physicalResourceId: PhysicalResourceId.of('BLOB_MOUNTING'),
  };
  new AwsCustomResource(scope, 'BlobMounting', {
    resourceType: 'Custom::EcrAccountSetting',
    onCreate: put,
    onUpdate: put,
    // The service has no resource for it.
    policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: AwsCustomResourcePolicy.ANY_RESOURCE }),
    installLatestAwsSdk: false,
    logGroup,
  });
}
