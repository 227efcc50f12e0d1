import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  Code,
  type FunctionUrl,
  FunctionUrlAuthType,
  Function as LambdaHandler,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { assetPath } from './asset';
import type { Kept } from './deployment-logs';
import type { EcrMirrorProps } from './ecr-mirror-props';
import type { MirrorParts } from './mirror-parts';
import { checkSenders, WebhookAttribute, WebhookEnv } from './model/webhook';
import { PropsInvalid } from './props-invalid';
import { grantTableKey } from './table-access';
import type { WebhookSource } from './webhook-source';

/** Webhooks of registries: what was pushed there is mirrored within seconds, where a row wants it. */
export interface WebhooksProps {
  /** Who may send them, at most ten. */
  readonly sources: WebhookSource[];

  /**
   * Who may reach the URL at all. With `AWS_IAM`, what stands before it signs its requests (an API gateway, a proxy of one's own);
   * webhooks are proven all the same.
   *
   * @default FunctionUrlAuthType.NONE: everybody, as registries do not sign requests for AWS
   */
  readonly authType?: FunctionUrlAuthType;

  /**
   * Webhooks that are taken at once: so much of the account's concurrency is set aside, and no more can be taken away by whoever
   * floods the URL. An account needs 100 beside it.
   *
   * @default 10, which is more than 100 webhooks a second
   */
  readonly concurrency?: number;
}

/** Takes webhooks: a small function with a URL of its own, and a table whose stream wakes the controller. */
export class Webhooks extends Construct {
  /** Where webhooks wait for the controller, and are remembered, for some days. */
  readonly table: TableV2;
  readonly url: FunctionUrl;

  constructor(
    scope: Construct,
    id: string,
    { sources, authType, concurrency, kept, encryptionKey }: WebhooksProps & { kept: Kept; encryptionKey?: IKey },
  ) {
    super(scope, id);
    checkSources(sources, concurrency);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: WebhookAttribute.ID, type: AttributeType.STRING },
      timeToLiveAttribute: WebhookAttribute.EXPIRES,
      dynamoStream: StreamViewType.NEW_IMAGE,
      encryption:
        encryptionKey === undefined
          ? TableEncryptionV2.dynamoOwnedKey()
          : TableEncryptionV2.customerManagedKey(encryptionKey),
      // What is in it is over in seconds.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const logGroup = new LogGroup(this, 'Logs', { retention: kept.logRetention, removalPolicy: kept.removalPolicy });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'What the function that takes webhooks of the mirror may do',
    });
    logGroup.grantWrite(role);
    const handler = new LambdaHandler(this, 'Handler', {
      description: 'Takes webhooks of registries, proves them, and keeps them for the controller',
      code: Code.fromAsset(assetPath('webhook', 'index.js')),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(20),
      memorySize: 256,
      reservedConcurrentExecutions: concurrency ?? USUAL_CONCURRENCY,
      role,
      logGroup,
      environment: {
        [WebhookEnv.TABLE]: this.table.tableName,
        [WebhookEnv.SENDERS]: Stack.of(this).toJsonString(sources.map((source) => source._setting())),
      },
    });
    Grant.addToPrincipal({ grantee: handler, actions: ['dynamodb:PutItem'], resourceArns: [this.table.tableArn] });
    grantTableKey(this.table, handler, ['PutItem']);
    for (const source of sources) source._grantRead(handler);
    this.url = handler.addFunctionUrl({ authType: authType ?? FunctionUrlAuthType.NONE });
  }
}

const USUAL_CONCURRENCY = 10;

/** @throws Error naming the prop, what was got and what would do */
function checkSources(sources: readonly WebhookSource[], concurrency: number | undefined): void {
  checkSenders(sources.map(({ name }) => name));
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency > 0)) {
    throw new PropsInvalid(`webhooks concurrency: got ${concurrency}; a number of requests, 1 or more, would do`);
  }
}

/** @returns the URL, where webhooks are wanted */
export function takeWebhooks(
  scope: Construct,
  { controller, kept }: Pick<MirrorParts, 'controller' | 'kept'>,
  { webhooks, encryptionKey }: EcrMirrorProps,
): string | undefined {
  if (webhooks === undefined) return undefined;
  const { table, url } = new Webhooks(scope, 'Webhooks', { ...webhooks, kept, encryptionKey });
  controller.onWebhooks(table);
  const description = 'Where webhooks of registries are sent, with the name of their source behind it';
  new CfnOutput(scope, 'WebhooksUrl', { description, value: url.url });
  return url.url;
}
