import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as cdk from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

/** What the AWS Solutions checks say of a construct. */
export interface Finding {
  readonly rule: string;
  readonly path: string;
}

/** What the checks find and why it is so. */
export interface Explanation {
  readonly rule: RegExp;
  /** Of the construct. */
  readonly path: RegExp;
  readonly because: string;
}

export const explains =
  ({ rule, path }: Explanation) =>
  (finding: Finding) =>
    rule.test(finding.rule) && path.test(finding.path);

/**
 * The findings of the app that a module makes when it is loaded.
 *
 * @throws Error when it makes none, or when the checks have not run
 */
export async function findings(load: () => Promise<unknown>): Promise<readonly Finding[]> {
  const outdir = mkdtempSync(join(tmpdir(), 'nag-'));
  try {
    const app = await appMadeBy(load, outdir);
    cdk.Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    try {
      app.synth();
    } catch (error) {
      // Findings end the synthesis, after the report is written.
      if (!String(error).includes('AwsSolutions')) throw error;
    }
    return reported(outdir);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

async function appMadeBy(load: () => Promise<unknown>, outdir: string): Promise<cdk.App> {
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
  try {
    await load();
  } finally {
    Object.defineProperty(cdk, 'App', { configurable: true, value: App });
  }
  const [app] = made;
  if (app === undefined) throw new Error('no app was made');
  return app;
}

function reported(outdir: string): readonly Finding[] {
  const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
  const nag = report.pluginReports.find(({ pluginName }: { pluginName: string }) => pluginName === 'AwsSolutions');
  if (nag === undefined) throw new Error('the report holds nothing of the AWS Solutions checks');
  return nag.violations.flatMap((violation: { ruleName: string; violatingConstructs: { constructPath: string }[] }) =>
    violation.violatingConstructs.map(({ constructPath }) => ({ rule: violation.ruleName, path: constructPath })),
  );
}
