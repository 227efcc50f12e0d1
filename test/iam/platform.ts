import type { Resolver, Resource } from '../../local/template/resolver';
import { mapOf, textOf } from '../../local/template/value';
import type { Access, Place } from './actions';
import { onBehalfOfReader } from './on-behalf';

/** Something that AWS itself does in a role of the stack. */
export interface PlatformAccess extends Access {
  readonly role: string;
}

/**
 * What AWS does in the roles that a template hands to it: reading the stream, delivering what failed, writing logs, pulling
 * the worker's image, invoking what a schedule and a state machine name, creating repositories.
 */
export function platformAccess(template: Resolver, place: Place): readonly PlatformAccess[] {
  return [
    ...template.ofType('AWS::Lambda::Function').flatMap((one) => ofFunction(one, template, place)),
    ...template.ofType('AWS::Lambda::EventSourceMapping').flatMap((one) => ofStream(one, template)),
    ...template.ofType('AWS::Scheduler::Schedule').flatMap(ofSchedule),
    ...template.ofType('AWS::Batch::JobDefinition').flatMap((one) => ofJob(one, place)),
    ...template.ofType('AWS::Lambda::Function').flatMap(ofProvider),
    ...template.ofType('AWS::StepFunctions::StateMachine').flatMap(ofStateMachine),
    ...template.ofType('AWS::ECR::RepositoryCreationTemplate').flatMap((one) => ofCreationTemplate(one, place)),
  ];
}

const text = (value: unknown): string => textOf(value) ?? '';

/** Without a log group of its own a function makes one, and needs to be allowed to. */
function ofFunction({ ref, properties }: Resource, template: Resolver, place: Place): readonly PlatformAccess[] {
  const role = text(properties.Role);
  const named = textOf(mapOf(properties.LoggingConfig).LogGroup);
  const group = `arn:aws:logs:${place.region}:${place.account}:log-group:${named ?? `/aws/lambda/${ref}`}`;
  const deadLetters = textOf(mapOf(properties.DeadLetterConfig).TargetArn);
  const declared = template.ofType('AWS::Logs::LogGroup').some((one) => one.ref === named);
  return [
    ...(declared ? [] : [{ role, action: 'logs:CreateLogGroup', resource: group }]),
    ...writeLogs(role, group),
    ...(deadLetters === undefined ? [] : [{ role, action: 'sqs:SendMessage', resource: deadLetters }]),
  ];
}

function writeLogs(role: string, group: string): readonly PlatformAccess[] {
  return ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
    role,
    action,
    resource: `${group}:log-stream:some-stream`,
  }));
}

/**
 * AWS Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB", execution role permissions; there is a fourth, ListStreams,
 * for which IAM knows no resource.
 */
const STREAM = ['DescribeStream', 'GetRecords', 'GetShardIterator'];

function ofStream({ properties }: Resource, template: Resolver): readonly PlatformAccess[] {
  const target = text(properties.FunctionName);
  const lambda = template
    .ofType('AWS::Lambda::Function')
    .find(({ ref, attributes }) => [ref, attributes.Arn].includes(target));
  const role = text(lambda?.properties.Role);
  const failed = textOf(mapOf(mapOf(properties.DestinationConfig).OnFailure).Destination);
  return [
    ...STREAM.map((name) => ({ role, action: `dynamodb:${name}`, resource: text(properties.EventSourceArn) })),
    ...onBehalfOfReader(template, text(properties.EventSourceArn)).map((access) => ({ role, ...access })),
    ...(failed === undefined ? [] : [{ role, action: 'sqs:SendMessage', resource: failed }]),
  ];
}

function ofSchedule({ properties }: Resource): readonly PlatformAccess[] {
  const { RoleArn, Arn, DeadLetterConfig } = mapOf(properties.Target);
  const role = text(RoleArn);
  const failed = textOf(mapOf(DeadLetterConfig).Arn);
  return [
    { role, action: 'lambda:InvokeFunction', resource: text(Arn) },
    ...(failed === undefined ? [] : [{ role, action: 'sqs:SendMessage', resource: failed }]),
  ];
}

const PULL = ['BatchCheckLayerAvailability', 'BatchGetImage', 'GetDownloadUrlForLayer'];
const ECR_IMAGE = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[a-z.]+\/([^:@]+)/;

function ofJob({ properties }: Resource, place: Place): readonly PlatformAccess[] {
  const container = mapOf(properties.ContainerProperties);
  const role = text(container.ExecutionRoleArn);
  const group = text(mapOf(mapOf(container.LogConfiguration).Options)['awslogs-group']);
  const [, account, region, name] = ECR_IMAGE.exec(text(container.Image)) ?? [];
  const resource = `arn:aws:ecr:${region}:${account}:repository/${name}`;
  return [
    ...writeLogs(role, `arn:aws:logs:${place.region}:${place.account}:log-group:${group}`),
    ...(name === undefined ? [] : PULL.map((action) => ({ role, action: `ecr:${action}`, resource }))),
    ...(name === undefined ? [] : [{ role, action: 'ecr:GetAuthorizationToken', resource: '*' }]),
  ];
}

/**
 * CDK's provider framework invokes functions of ours. When that fails it asks how they are, and invokes them again once they
 * are active: here they are from the beginning.
 */
function ofProvider({ properties }: Resource): readonly PlatformAccess[] {
  const { USER_ON_EVENT_FUNCTION_ARN, USER_IS_COMPLETE_FUNCTION_ARN } = mapOf(mapOf(properties.Environment).Variables);
  const invoked = {
    'framework.onEvent': USER_ON_EVENT_FUNCTION_ARN,
    'framework.isComplete': USER_IS_COMPLETE_FUNCTION_ARN,
  }[text(properties.Handler)];
  if (invoked === undefined) return [];
  return [{ role: text(properties.Role), action: 'lambda:GetFunction', resource: text(invoked) }];
}

function ofStateMachine({ properties }: Resource): readonly PlatformAccess[] {
  const { States } = mapOf(JSON.parse(text(properties.DefinitionString)));
  return Object.values(mapOf(States)).map((state) => ({
    role: text(properties.RoleArn),
    action: 'lambda:InvokeFunction',
    resource: text(mapOf(state).Resource),
  }));
}

/** Amazon ECR User Guide, "Create a custom policy for repository creation templates". */
const CREATE = ['ecr:CreateRepository', 'ecr:ReplicateImage', 'ecr:TagResource'];
const ENCRYPT = ['kms:CreateGrant', 'kms:DescribeKey', 'kms:RetireGrant'];

function ofCreationTemplate({ properties }: Resource, { region, account }: Place): readonly PlatformAccess[] {
  const role = textOf(properties.CustomRoleArn);
  if (role === undefined) return [];
  const key = textOf(mapOf(properties.EncryptionConfiguration).KmsKey);
  const resource = `arn:aws:ecr:${region}:${account}:repository/${text(properties.Prefix)}/some/image`;
  return [
    ...CREATE.map((action) => ({ role, action, resource })),
    ...(key === undefined ? [] : ENCRYPT.map((action) => ({ role, action, resource: key }))),
  ];
}
