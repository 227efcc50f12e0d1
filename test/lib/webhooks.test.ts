import type { Stack } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { type EcrMirrorProps, WebhookSource, type WebhooksProps } from '../../lib/index';
import { parseWebhookSettings } from '../../lib/model/webhook';
import { allowedTo, CONTROLLER_ROLE, filled, only, synthesize } from './stack';

const ROLE = 'MirrorWebhooksRole';
const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:webhook-AbCdEf';
const secret = (stack: Stack, id = 'Secret') => Secret.fromSecretCompleteArn(stack, id, ARN);

const templateOf = (
  webhooks: (stack: Stack) => WebhooksProps = (stack) => ({ sources: [WebhookSource.ghcr({ secret: secret(stack) })] }),
  more: (stack: Stack) => EcrMirrorProps = () => ({}),
) =>
  synthesize((stack) => ({ ...more(stack), webhooks: webhooks(stack) }), { env: { region: 'eu-west-1' } }).template();
const handler = (template: Template) => only(template, 'AWS::Lambda::Function', 'MirrorWebhooksHandler');
const told = (template: Template) => {
  const { Variables } = handler(template).Environment as unknown as { Variables: Record<string, unknown> };
  return parseWebhookSettings(filled(Variables.WEBHOOK_SENDERS));
};

describe('webhooks', () => {
  it('are not taken unless that is asked for', () => {
    const { mirror, template } = synthesize();
    expect(mirror.webhooksUrl).toBeUndefined();
    template().resourceCountIs('AWS::Lambda::Url', 0);
    template().resourceCountIs('AWS::DynamoDB::GlobalTable', 2);
  });

  it('come to a URL that everybody may call, with an output that says which', () => {
    const template = templateOf();
    template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'NONE' });
    template.hasOutput('*', { Description: Match.stringLikeRegexp('^Where webhooks'), Value: Match.anyValue() });
    for (const Action of ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']) {
      template.hasResourceProperties('AWS::Lambda::Permission', { Action, Principal: '*' });
    }
  });

  it('come, where that is wanted, from those alone that IAM lets in', () => {
    const template = templateOf((stack) => ({
      sources: [WebhookSource.ghcr({ secret: secret(stack) })],
      authType: FunctionUrlAuthType.AWS_IAM,
    }));
    template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'AWS_IAM' });
    expect(
      Object.values(template.findResources('AWS::Lambda::Permission', { Properties: { Principal: '*' } })),
    ).toEqual([]);
  });

  it('are taken by a function that may write them down and read their secrets, and nothing else', () => {
    const granted = allowedTo(templateOf(), ROLE).flatMap(({ actions, resources }) =>
      actions.map((action) => `${action} ${resources.join(' ')}`),
    );
    expect(granted.sort()).toEqual([
      expect.stringMatching(/^dynamodb:PutItem MirrorWebhooksTable\w+\.Arn$/),
      expect.stringMatching(/^logs:CreateLogStream MirrorWebhooksLogs/),
      expect.stringMatching(/^logs:PutLogEvents MirrorWebhooksLogs/),
      `secretsmanager:GetSecretValue ${ARN}`,
    ]);
  });

  it('wake the controller as a stream does, a second at a time, and are none of its business once they are forgotten', () => {
    const template = templateOf();
    const mapping = Object.values(template.findResources('AWS::Lambda::EventSourceMapping')).find(({ Properties }) =>
      JSON.stringify(Properties.EventSourceArn).includes('Webhooks'),
    );
    expect(mapping?.Properties).toMatchObject({
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 1,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 3,
      FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
      DestinationConfig: { OnFailure: { Destination: expect.anything() } },
    });
    const read = allowedTo(template, CONTROLLER_ROLE).filter(({ actions }) => actions.includes('dynamodb:GetRecords'));
    expect(JSON.stringify(read)).toContain('MirrorWebhooksTable');
  });

  it('are remembered for a while, in a table that goes with the stack', () => {
    const template = templateOf();
    template.hasResource('AWS::DynamoDB::GlobalTable', {
      Properties: Match.objectLike({
        KeySchema: [{ AttributeName: 'Webhook', KeyType: 'HASH' }],
        TimeToLiveSpecification: { AttributeName: 'Expires', Enabled: true },
      }),
      DeletionPolicy: 'Delete',
    });
  });

  it('take no more of the concurrency of the account than is set aside', () => {
    expect(handler(templateOf()).ReservedConcurrentExecutions).toBe(10);
    const wide = templateOf((stack) => ({ sources: [WebhookSource.quay({ secret: secret(stack) })], concurrency: 50 }));
    expect(handler(wide).ReservedConcurrentExecutions).toBe(50);
  });

  it('come from each sender under its own name, about its own registry', () => {
    const template = templateOf((stack) => ({
      sources: [
        WebhookSource.standardWebhooks({ secret: secret(stack, 'One') }),
        WebhookSource.ghcr({ secret: secret(stack, 'Two') }),
        WebhookSource.harbor({ secret: secret(stack, 'Three'), registry: 'harbor.example.com' }),
        WebhookSource.dockerHub({ secret: secret(stack, 'Four') }),
        WebhookSource.quay({ secret: secret(stack, 'Five'), registry: 'quay.example.com', name: 'own-quay' }),
        WebhookSource.chainguard({ group: 'c0ffee', organization: 'example.com' }),
      ],
    }));
    const secretArn = ARN;
    expect(told(template)).toEqual([
      { name: 'root', kind: 'standard', registry: 'cr.root.io', secretArn },
      { name: 'ghcr', kind: 'github', registry: 'ghcr.io', secretArn },
      { name: 'harbor', kind: 'harbor', registry: 'harbor.example.com', secretArn },
      { name: 'docker-hub', kind: 'docker-hub', registry: 'docker.io', secretArn },
      { name: 'own-quay', kind: 'quay', registry: 'quay.example.com', secretArn },
      {
        name: 'chainguard',
        kind: 'chainguard',
        registry: 'cgr.dev',
        subject: 'webhook:c0ffee',
        organization: 'example.com',
      },
    ]);
  });

  it('are encrypted with the key of the tables, which their function may use by way of DynamoDB alone', () => {
    const key = (stack: Stack) => Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d');
    const template = templateOf(undefined, (stack) => ({ encryptionKey: key(stack) }));
    const using = allowedTo(template, ROLE).filter(({ actions }) => actions.some((one) => one.startsWith('kms:')));
    expect(using).toHaveLength(1);
    template.allResourcesProperties('AWS::DynamoDB::GlobalTable', { SSESpecification: Match.anyValue() });
  });

  it('of a secret that is not known whole may be proven all the same', () => {
    const template = templateOf((stack) => ({
      sources: [WebhookSource.ghcr({ secret: Secret.fromSecretNameV2(stack, 'Secret', 'hook') })],
    }));
    const read = allowedTo(template, ROLE).filter(({ actions }) => actions.includes('secretsmanager:GetSecretValue'));
    expect(read.flatMap(({ resources }) => resources)).toEqual([expect.stringMatching(/:secret:hook-\?{6}$/)]);
  });
});

describe('webhooks are refused at synthesis', () => {
  const ghcr = (stack: Stack, name?: string) => WebhookSource.ghcr({ secret: secret(stack, `Secret${name}`), name });

  it.each<[string, (stack: Stack) => WebhooksProps, RegExp]>([
    ['without sources', () => ({ sources: [] }), /webhooks sources: got .*; 1 to 10 would do/],
    [
      'with two of one name',
      (stack) => ({ sources: [ghcr(stack), WebhookSource.quay({ secret: secret(stack), name: 'ghcr' })] }),
      /webhooks sources: got "ghcr"; a name of its own for each would do/,
    ],
    [
      'with a name that is no path',
      (stack) => ({ sources: [ghcr(stack, 'a/b')] }),
      /^WebhookSource: webhook name: got "a\/b"/,
    ],
    [
      'from a Harbor that is nowhere',
      (stack) => ({ sources: [WebhookSource.harbor({ secret: secret(stack) })] }),
      /^WebhookSource.harbor: got no registry/,
    ],
    [
      'from a registry that is none',
      (stack) => ({ sources: [WebhookSource.harbor({ secret: secret(stack), registry: 'https://x' })] }),
      /^WebhookSource: registry: got/,
    ],
    ['with no concurrency', (stack) => ({ sources: [ghcr(stack)], concurrency: 0 }), /^webhooks concurrency: got 0/],
  ])('%s', (_, webhooks, message) => {
    expect(() => templateOf(webhooks)).toThrow(message);
  });
});
