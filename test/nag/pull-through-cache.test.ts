import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import { PullThroughCache, PullThroughUpstream } from '../../lib/index';
import { context } from '../lib/stack';

const REPOSITORY = 'arn:<AWS::Partition>:ecr:<AWS::Region>:<AWS::AccountId>:repository';
/** What the checks find in the one cache that has roles, and why it is so. */
const EXPLAINED: Record<string, string> = {
  [`AwsSolutions-IAM5[Resource::${REPOSITORY}/theirs/*]`]:
    'repositories come into being by what is pulled: none is known beforehand, all are under the prefix',
  'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecr:us-east-1:210987654321:repository/platform/*]':
    'what is pulled decides which of the repositories upstream is read, too',
  'AwsSolutions-IAM5[Resource::*]': 'a token of Amazon ECR, an action which has no resource',
};

it('the AWS Solutions checks of cdk-nag find in pull-through caches what is explained', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'nag-'));
  try {
    const app = new App({ outdir, context, analyticsReporting: false, builtinCloudFormationValidation: false });
    const stack = new Stack(app, 'Caches');
    new PullThroughCache(stack, 'Open', { upstream: PullThroughUpstream.kubernetes(), prefix: 'k8s' });
    new PullThroughCache(stack, 'Theirs', {
      upstream: PullThroughUpstream.ecr('210987654321.dkr.ecr.us-east-1.amazonaws.com'),
      prefix: 'theirs',
      upstreamPrefix: 'platform',
      repositorySettings: { encryptionKey: new Key(stack, 'Key', { enableKeyRotation: true }) },
    });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    // Findings end the synthesis, after the report is written.
    expect(() => app.synth()).toThrow(/AwsSolutions/);
    const { pluginReports } = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
    const found = pluginReports.flatMap(({ violations }: { violations: { ruleName: string }[] }) =>
      violations.map(({ ruleName }) => ruleName),
    );
    expect(found.sort()).toEqual(Object.keys(EXPLAINED).sort());
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}, 60_000);
