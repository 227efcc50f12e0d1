import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** How long what is kept outlives its use. */
export interface Kept {
  readonly removalPolicy: RemovalPolicy;
  readonly logRetention: RetentionDays;
}

/** One for the function that calls AWS at deployment, for every mirror in the stack. */
export function deploymentLogs(scope: Construct, { logRetention, removalPolicy }: Kept): LogGroup {
  const stack = Stack.of(scope);
  const known = stack.node.tryFindChild('EcrMirrorDeploymentLogs') as LogGroup | undefined;
  return known ?? new LogGroup(stack, 'EcrMirrorDeploymentLogs', { retention: logRetention, removalPolicy });
}
