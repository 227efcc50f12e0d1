import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as cdk from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

interface Explanation {
  readonly rule: RegExp;
  /** Of the construct. */
  readonly path: RegExp;
  readonly because: string;
}

/** What the checks find and why it is so. */
const EXPLAINED: readonly Explanation[] = [
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    path: /^EcrMirror\/Mirror\/(?:Controller\/Role|Worker\/JobRole|Worker\/Container\/ExecutionRole)\/DefaultPolicy\//,
    because:
      'tokens of Amazon ECR and ECR Public, actions which have no resource; test/iam holds that it is these alone',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:[^ ]*:ecr:[^ ]*:repository\/(?:mirror\/|released\/)?\*\]$/,
    path: /^EcrMirror\/Mirror\/(?:Controller\/Role|Worker\/JobRole)\/DefaultPolicy\//,
    because:
      'rows are added after the deployment: patterns of repositories are what they may ask for, and writing ends at the prefix',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:[^ ]*:job-definition\/.*:\*\]$/,
    path: /^EcrMirror\/Mirror\/Controller\/Role\/DefaultPolicy\//,
    because:
      'any revision of the one job definition: while a stack is updated, the one that was known may be gone already',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<MirrorControllerHandler[0-9A-F]+\.Arn>:\*\]$/,
    path: /^EcrMirror\/SchedulerRoleForTarget-/,
    because: 'versions of the one function that a schedule invokes, which CDK grants with the function',
  },
  {
    rule: /^AwsSolutions-IAM4\[Policy::.*AWSLambdaBasicExecutionRole\]$/,
    path: /^EcrMirror\/AWS679f53fac002430cb0da5b7982bd2287\//,
    because: "CDK's own function for custom resources writes logs; it runs while a stack is deployed, and no more",
  },
  {
    rule: /^AwsSolutions-VPC7$/,
    path: /^EcrMirror\/Mirror\/Worker\/Vpc\//,
    because:
      'nothing listens in the VPC that is made where none is given, and flow logs cost; who wants them gives a VPC',
  },
];

interface Finding {
  readonly rule: string;
  readonly path: string;
}

/** The app that `bin/app.ts` makes, in a folder of its own. */
async function sampleApp(outdir: string): Promise<cdk.App> {
  const { App } = cdk;
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const made: cdk.App[] = [];
  class Captured extends App {
    constructor(props?: cdk.AppProps) {
      super({ ...props, outdir, context, analyticsReporting: false, builtinCloudFormationValidation: false });
      made.push(this);
    }
  }
  Object.defineProperty(cdk, 'App', { configurable: true, value: Captured });
  await import('../../bin/app');
  const [app] = made;
  if (app === undefined) throw new Error('bin/app.ts made no app');
  return app;
}

/** @throws Error when the checks have not run */
function findings(outdir: string): readonly Finding[] {
  const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
  const nag = report.pluginReports.find(({ pluginName }: { pluginName: string }) => pluginName === 'AwsSolutions');
  if (nag === undefined) throw new Error('the report holds nothing of the AWS Solutions checks');
  return nag.violations.flatMap((violation: { ruleName: string; violatingConstructs: { constructPath: string }[] }) =>
    violation.violatingConstructs.map(({ constructPath }) => ({ rule: violation.ruleName, path: constructPath })),
  );
}

describe('the AWS Solutions checks of cdk-nag, over the sample app', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'nag-'));
  let found: readonly Finding[];
  const explains =
    ({ rule, path }: Explanation) =>
    (finding: Finding) =>
      rule.test(finding.rule) && path.test(finding.path);

  beforeAll(async () => {
    const app = await sampleApp(outdir);
    cdk.Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    // Findings end the synthesis, after the report is written.
    expect(() => app.synth()).toThrow(/AwsSolutions/);
    found = findings(outdir);
  }, 60_000);
  afterAll(() => rmSync(outdir, { recursive: true, force: true }));

  it('find nothing that is not explained', () => {
    const unexplained = found.filter((finding) => !EXPLAINED.some((one) => explains(one)(finding)));
    expect(unexplained.map(({ rule, path }) => `${path}: ${rule}`)).toEqual([]);
  });

  it('find everything that is explained', () => {
    const stale = EXPLAINED.filter((one) => !found.some(explains(one)));
    expect(stale.map(({ because }) => because)).toEqual([]);
  });
});
