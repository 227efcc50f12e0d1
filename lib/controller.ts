import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { type ITable, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type EventPattern, Match, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Grant, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  FilterCriteria,
  FilterRule,
  type IEventSourceDlq,
  Function as LambdaHandler,
  RecursiveLoop,
  Runtime,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Schedule, type ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { assetPath } from './asset';
import { Env } from './model/names';

export interface ControllerProps {
  readonly jobQueueArn: string;
  readonly environment: Record<string, string>;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/** Who decides: a function that turns rows into copies and copies into jobs, and what wakes it. */
export class Controller extends Construct {
  readonly handler: LambdaHandler;
  /** Events that could not be handled. */
  readonly deadLetters: Queue;
  readonly logGroup: LogGroup;
  private readonly environment: Record<string, string>;
  /** What wakes it when a job failed, and when none can start. */
  readonly failedJob: Rule;
  readonly blockedQueue: Rule;

  constructor(scope: Construct, id: string, props: ControllerProps) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: props.removalPolicy,
    });
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention,
      removalPolicy: props.removalPolicy,
    });
    this.handler = new LambdaHandler(this, 'Handler', {
      description: 'Decides which images are copied and submits the jobs that copy them',
      code: bundle(),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.minutes(15),
      memorySize: 512,
      role: this.role(this.logGroup),
      environment: props.environment,
      // What an hour did not see done is overtaken by the schedule.
      retryAttempts: 2,
      maxEventAge: Duration.hours(1),
      deadLetterQueue: this.deadLetters,
      // Before its time runs out it hands its cursor to a new invocation of itself, a bounded number of times.
      recursiveLoop: RecursiveLoop.ALLOW,
      logGroup: this.logGroup,
    });
    this.environment = props.environment;
    this.allowInvokingItself();
    this.failedJob = this.onFailedJob(props.jobQueueArn);
    this.blockedQueue = this.onBlockedQueue(props.jobQueueArn);
  }

  /** Another function of the same code, environment and role, for another entry point. */
  variant(scope: Construct, id: string, handler: string): LambdaHandler {
    return new LambdaHandler(scope, id, {
      description: 'Lets a deployment wait for its images',
      code: bundle(),
      handler,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.minutes(5),
      memorySize: 512,
      role: this.handler.role,
      environment: { ...this.environment, [Env.CONTROLLER_FUNCTION]: this.handler.functionName },
      logGroup: this.logGroup,
    });
  }

  /** All rows, whatever events were lost meanwhile. */
  onSchedule(schedule: ScheduleExpression): void {
    new Schedule(this, 'Schedule', {
      schedule,
      description: 'Compares every row of the mirror with its destinations',
      target: new LambdaInvoke(this.handler, { ...DELIVERY, deadLetterQueue: this.deadLetters }),
    });
  }

  /** Whether what was mirrored is whole. */
  onVerification(schedule: ScheduleExpression): void {
    new Schedule(this, 'Verification', {
      schedule,
      description: 'Has the mirror prove that its images are whole',
      target: new LambdaInvoke(this.handler, {
        ...DELIVERY,
        deadLetterQueue: this.deadLetters,
        input: ScheduleTargetInput.fromObject({ verify: true }),
      }),
    });
  }

  /**
   * The rows of an image that was pushed to this account's ECR. Children of an index come without a tag and are left out;
   * so is what the mirror itself pushes under its prefix.
   */
  onPush(ownPrefixes: readonly string[]): void {
    this.rule('Push', 'An image was pushed that may have to be mirrored elsewhere', {
      source: ['aws.ecr'],
      detailType: ['ECR Image Action'],
      detail: {
        'action-type': ['PUSH'],
        result: ['SUCCESS'],
        'image-tag': Match.anythingBut(''),
        'repository-name': Match.anythingButPrefix(...ownPrefixes.map((prefix) => `${prefix}/`)),
      },
    });
  }

  /** Jobs that ended without having said so themselves: cancelled, timed out, out of memory, image not pulled; children too. */
  private onFailedJob(jobQueueArn: string): Rule {
    return this.rule('FailedJob', 'A job of the mirror failed', {
      source: ['aws.batch'],
      detailType: ['Batch Job State Change'],
      detail: { status: ['FAILED'], jobQueue: [jobQueueArn] },
    });
  }

  /** What cannot start. */
  private onBlockedQueue(jobQueueArn: string): Rule {
    return this.rule('BlockedQueue', 'The first job in the queue of the mirror cannot start', {
      source: ['aws.batch'],
      detailType: ['Batch Job Queue Blocked'],
      detail: { jobQueue: [jobQueueArn] },
    });
  }

  /** Rows that were added or changed, and those that are gone, of which nothing is to be said any more. */
  onChangedRows(table: ITable): void {
    this.handler.addEventSource(
      new DynamoEventSource(this.withoutKey(table, 'ChangedRows'), {
        ...RECORDS,
        maxBatchingWindow: Duration.seconds(5),
        onFailure: this.failedRecords(),
      }),
    );
  }

  /** What registries say was pushed to them: gathered for a second, so that a storm is a few calls, of which one shard makes one at a time. */
  onWebhooks(table: ITable): void {
    this.handler.addEventSource(
      new DynamoEventSource(this.withoutKey(table, 'WaitingWebhooks'), {
        ...RECORDS,
        maxBatchingWindow: Duration.seconds(1),
        // Those that are forgotten are no news.
        filters: [FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT') })],
        onFailure: this.failedRecords(),
      }),
    );
  }

  /** For what reads a stream CDK grants the table's key without a condition; whoever reads rows may use it by DynamoDB. */
  private withoutKey(table: ITable, id: string): ITable {
    const { encryptionKey, tableArn, tableStreamArn } = table;
    if (encryptionKey === undefined || tableStreamArn === undefined) return table;
    return TableV2.fromTableAttributes(this, id, { tableArn, tableStreamArn });
  }

  /** Its own log group alone: AWS's policy for functions opens all of them. */
  private role(logGroup: LogGroup): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'What the controller of the mirror may do',
    });
    logGroup.grantWrite(role);
    return role;
  }

  /** Sending is all that Lambda does; CDK's own destination lets it read about the queue, too. */
  private failedRecords(): IEventSourceDlq {
    const { queueArn } = this.deadLetters;
    Grant.addToPrincipal({ grantee: this.handler, actions: ['sqs:SendMessage'], resourceArns: [queueArn] });
    return { bind: () => ({ destination: queueArn }) };
  }

  private rule(id: string, description: string, eventPattern: EventPattern): Rule {
    return new Rule(this, id, {
      description,
      eventPattern,
      targets: [new LambdaFunction(this.handler, { ...DELIVERY, deadLetterQueue: this.deadLetters })],
    });
  }

  /** A policy of its own: in the role's default policy, which the function waits for, the function's ARN would go in a circle. */
  private allowInvokingItself(): void {
    const statement = new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: [this.handler.functionArn],
    });
    this.handler.role?.attachInlinePolicy(new Policy(this, 'InvokeItself', { statements: [statement] }));
  }
}

function bundle(): Code {
  return Code.fromAsset(assetPath('controller', 'index.js'));
}

/** How records of a stream are read. */
const RECORDS = {
  startingPosition: StartingPosition.TRIM_HORIZON,
  batchSize: 100,
  bisectBatchOnError: true,
  retryAttempts: 3,
  maxRecordAge: Duration.hours(1),
};

/** An event that could not be delivered for an hour is overtaken by the schedule. */
const DELIVERY = { retryAttempts: 3, maxEventAge: Duration.hours(1) };
