import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { MirrorParts } from './mirror-parts';
import { OutputName } from './model/names';

/** Says after a deployment what a person needs next. */
export function addOutputs(scope: Construct, { places, tables, settings, controller, worker }: MirrorParts): void {
  const output = (id: string, description: string, value: string) => new CfnOutput(scope, id, { description, value });
  const { tableName } = tables.mirrors;
  output(
    'Registry',
    'Where mirrored images are found, under their prefix',
    `${places.registry}/${places.mapping.prefix}`,
  );
  output(OutputName.MIRRORS, 'Table of mirrors: what is to be mirrored', tableName);
  output(
    'AddMirror',
    'Adds a row; with a source of your own',
    `aws dynamodb put-item --table-name ${tableName} --item '{"Source":{"S":"docker.io/library/busybox:stable"}}'`,
  );
  output(OutputName.COPIES, 'Table of copies: what was mirrored', tables.copies.tableName);
  output(OutputName.CONTROLLER, 'Function that decides what is copied', controller.handler.functionName);
  output(OutputName.SETTINGS, 'Parameter that says what rows may ask for', settings.parameter.parameterName);
  output('ControllerLogs', 'Where the log of the controller is', controller.logGroup.logGroupName);
  output('WorkerLogs', 'Where the logs of the workers are', worker.logGroup.logGroupName);
  output('QueueArn', 'Job queue of the workers', worker.jobQueue.jobQueueArn);
  output('DefinitionArn', 'Job definition of the workers', worker.jobDefinition.jobDefinitionArn);
}

/** Lets somebody read the outputs of the stack. */
export function grantOutputs(scope: Construct, grantee: IGrantable): Grant {
  const stack = Stack.of(scope);
  // By its name, so that a grantee in another stack does not make this one export its id.
  const arn = stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${stack.stackName}/*` });
  return Grant.addToPrincipal({ grantee, actions: ['cloudformation:DescribeStacks'], resourceArns: [arn] });
}
