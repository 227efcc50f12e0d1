import { Names } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { CfnPolicy, IRole } from 'aws-cdk-lib/aws-iam';
import {
  type AwsCustomResource,
  AwsCustomResourcePolicy,
  type AwsCustomResourceProps,
} from 'aws-cdk-lib/custom-resources';
import { Construct, type IConstruct } from 'constructs';

/**
 * What the function may do that writes declared rows: one policy for all rows of a table, because those of its role have 10,240
 * characters in all. CDK makes it with the first row; it is called after this construct, so that it stays when that row goes.
 */
export class RowPolicy extends Construct {
  private shared?: { readonly policy: IConstruct; readonly role: IRole };

  constructor(
    scope: Construct,
    id: string,
    private readonly table: ITable,
  ) {
    super(scope, id);
  }

  /** What a row is made with. With a role, which its function has already, CDK makes no policy. */
  get props(): Pick<AwsCustomResourceProps, 'policy' | 'role'> {
    if (this.shared !== undefined) return { role: this.shared.role };
    return { policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: [this.table.tableArn] }) };
  }

  /** Keeps the policy from before the row is written until after it is removed. */
  outlive(row: AwsCustomResource): void {
    this.shared ??= this.take(row);
    row.node.addDependency(this.shared.policy);
  }

  private take(row: AwsCustomResource): { readonly policy: IConstruct; readonly role: IRole } {
    const policy = row.node.findChild('CustomResourcePolicy');
    const resource = policy.node.defaultChild as CfnPolicy;
    resource.policyName = Names.uniqueResourceName(this, { maxLength: 128 });
    resource.overrideLogicalId(resource.policyName);
    return { policy, role: row.grantPrincipal as IRole };
  }
}
