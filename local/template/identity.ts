import { type JsonMap, textOf } from './value';

/** Where the stack is taken to be. */
export interface Place {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly urlSuffix: string;
  readonly stackName: string;
}

/** What a resource is called once it exists: what `Ref` gives, and what `Fn::GetAtt` gives by attribute. */
export interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Subject {
  readonly id: string;
  /** Properties with every intrinsic resolved. */
  readonly properties: JsonMap;
  readonly place: Place;
}

const arn = (place: Place, service: string, resource: string): string =>
  `arn:${place.partition}:${service}:${place.region}:${place.account}:${resource}`;

/** The name that a property gives, or one made of the stack's name and the logical id, as CloudFormation would. */
function named({ id, properties, place }: Subject, property: string): string {
  return textOf(properties[property]) ?? `${place.stackName}-${id}`;
}

function refIsName(property: string, service: string, resource: (name: string) => string) {
  return (subject: Subject): Identity => {
    const name = named(subject, property);
    return { ref: name, attributes: { Arn: arn(subject.place, service, resource(name)) } };
  };
}

function refIsArn(property: string, service: string, resource: (name: string) => string, attribute = 'Arn') {
  return (subject: Subject): Identity => {
    const ref = arn(subject.place, service, resource(named(subject, property)));
    return { ref, attributes: { [attribute]: ref, Arn: ref } };
  };
}

function table(subject: Subject): Identity {
  const name = named(subject, 'TableName');
  const Arn = arn(subject.place, 'dynamodb', `table/${name}`);
  return { ref: name, attributes: { Arn, StreamArn: `${Arn}/stream/2026-01-01T00:00:00.000`, TableId: subject.id } };
}

function role(subject: Subject): Identity {
  const name = named(subject, 'RoleName');
  const { partition, account } = subject.place;
  return {
    ref: name,
    attributes: { Arn: `arn:${partition}:iam::${account}:role/${name}`, RoleId: `AROA${subject.id.toUpperCase()}` },
  };
}

function repository(subject: Subject): Identity {
  const name = named(subject, 'RepositoryName').toLowerCase();
  const { account, region, urlSuffix } = subject.place;
  return {
    ref: name,
    attributes: {
      Arn: arn(subject.place, 'ecr', `repository/${name}`),
      RepositoryUri: `${account}.dkr.ecr.${region}.${urlSuffix}/${name}`,
    },
  };
}

function queue(subject: Subject): Identity {
  const name = named(subject, 'QueueName');
  const { region, account, urlSuffix } = subject.place;
  return {
    ref: `https://sqs.${region}.${urlSuffix}/${account}/${name}`,
    attributes: { Arn: arn(subject.place, 'sqs', name), QueueName: name },
  };
}

function secret(subject: Subject): Identity {
  const ref = arn(subject.place, 'secretsmanager', `secret:${named(subject, 'Name')}-AbCdEf`);
  return { ref, attributes: { Id: ref } };
}

function functionUrl({ id, properties, place }: Subject): Identity {
  const FunctionArn = textOf(properties.TargetFunctionArn) ?? '';
  const FunctionUrl = `https://${id.toLowerCase()}.lambda-url.${place.region}.on.aws/`;
  return { ref: FunctionArn, attributes: { FunctionArn, FunctionUrl } };
}

function parameter(subject: Subject): Identity {
  const name = named(subject, 'Name');
  return {
    ref: name,
    attributes: {
      Value: textOf(subject.properties.Value) ?? '',
      Type: textOf(subject.properties.Type) ?? 'String',
      Arn: arn(subject.place, 'ssm', `parameter/${name.replace(/^\//, '')}`),
    },
  };
}

const IDENTITIES: Readonly<Record<string, (subject: Subject) => Identity>> = {
  'AWS::Batch::ComputeEnvironment': refIsArn(
    'ComputeEnvironmentName',
    'batch',
    (name) => `compute-environment/${name}`,
    'ComputeEnvironmentArn',
  ),
  'AWS::Batch::JobDefinition': refIsArn('JobDefinitionName', 'batch', (name) => `job-definition/${name}:1`),
  'AWS::Batch::JobQueue': refIsArn('JobQueueName', 'batch', (name) => `job-queue/${name}`, 'JobQueueArn'),
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::DynamoDB::Table': table,
  'AWS::ECR::Repository': repository,
  'AWS::Events::EventBus': refIsName('Name', 'events', (name) => `event-bus/${name}`),
  'AWS::Events::Rule': refIsName('Name', 'events', (name) => `rule/${name}`),
  'AWS::IAM::Role': role,
  'AWS::Lambda::Function': refIsName('FunctionName', 'lambda', (name) => `function:${name}`),
  'AWS::Lambda::Url': functionUrl,
  'AWS::Logs::LogGroup': refIsName('LogGroupName', 'logs', (name) => `log-group:${name}:*`),
  'AWS::SNS::Topic': refIsArn('TopicName', 'sns', (name) => name, 'TopicArn'),
  'AWS::SQS::Queue': queue,
  'AWS::SSM::Parameter': parameter,
  'AWS::Scheduler::Schedule': refIsName('Name', 'scheduler', (name) => `schedule/default/${name}`),
  'AWS::SecretsManager::Secret': secret,
  'AWS::StepFunctions::StateMachine': refIsArn('StateMachineName', 'states', (name) => `stateMachine:${name}`),
};

/** What a resource of a type is called; a type that is not known here goes by the stack's name and its logical id. */
export function identify(type: string, subject: Subject): Identity {
  const known = IDENTITIES[type];
  return known?.(subject) ?? { ref: `${subject.place.stackName}-${subject.id}`, attributes: {} };
}
