import * as cdk from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EcrMirror, WebhookSource } from '../../lib/index';
import { OF_A_MIRROR, OF_OWN_VPC } from './explained';
import { explains, findings } from './findings';

it('the AWS Solutions checks of cdk-nag find in a mirror that takes webhooks what they find in any, and nothing else', async () => {
  const found = await findings(async () => {
    const stack = new cdk.Stack(new cdk.App(), 'Hooked');
    const secret = Secret.fromSecretNameV2(stack, 'Secret', 'github');
    const { webhooksUrl } = new EcrMirror(stack, 'Mirror', {
      webhooks: { sources: [WebhookSource.ghcr({ secret })] },
    });
    expect(webhooksUrl).toBeDefined();
  });
  const unexplained = found.filter((finding) => ![...OF_A_MIRROR, OF_OWN_VPC].some((one) => explains(one)(finding)));
  expect(unexplained.map(({ rule, path }) => `${path}: ${rule}`)).toEqual([]);
}, 60_000);
