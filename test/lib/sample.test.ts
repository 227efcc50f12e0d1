import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { context, settingsOf, synthesize } from './stack';

/** As `cdk synth` runs it, but with nothing on PATH and without AWS: neither Docker nor an account may be needed. */
describe('the sample app', () => {
  let folder: string;
  let template: Record<string, never>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sample-'));
    execFileSync(process.execPath, [join('node_modules', 'tsx', 'dist', 'cli.mjs'), join('bin', 'app.ts')], {
      env: { PATH: folder, HOME: folder, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify(context) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    template = JSON.parse(readFileSync(join(folder, 'EcrMirror.template.json'), 'utf8'));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('synthesizes without Docker and AWS', () => {
    expect(readdirSync(folder)).toContain('EcrMirror.assets.json');
  });

  it('takes choices by context', () => {
    const other = mkdtempSync(join(tmpdir(), 'sample-'));
    const choices = {
      prefix: 'img',
      hours: '6',
      metrics: 'true',
      topic: 'arn:aws:sns:eu-west-1:123456789012:ops',
      dockerHub: 'hub',
    };
    execFileSync(process.execPath, [join('node_modules', 'tsx', 'dist', 'cli.mjs'), join('bin', 'app.ts')], {
      env: {
        PATH: other,
        HOME: other,
        CDK_OUTDIR: other,
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...choices }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const made = Template.fromJSON(JSON.parse(readFileSync(join(other, 'EcrMirror.template.json'), 'utf8')));
    rmSync(other, { recursive: true });
    made.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(6 hours)' });
    made.hasResourceProperties('AWS::ECR::Repository', { RepositoryName: 'img/docker-hub/library/nginx' });
    made.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [choices.topic] });
    made.resourceCountIs('AWS::CloudWatch::Alarm', 8);
    expect(settingsOf(made)).toMatchObject({ credentials: [{ for: 'docker.io' }], metrics: 'EcrMirror/Mirror' });
  }, 60_000);

  it('has nothing that the template checks find fault with', () => {
    const report = JSON.parse(readFileSync(join(folder, 'validation-report.json'), 'utf8'));
    expect(report.pluginReports.flatMap((one: { violations?: unknown[] }) => one.violations ?? [])).toEqual([]);
  });

  it('is deployed as it was reviewed', () => {
    const text = JSON.stringify(template, null, 1).replace(/[0-9a-f]{64}/g, '<asset hash>');
    expect(JSON.parse(text)).toMatchSnapshot();
  });
});

it('has as many resources as the page on cost says', () => {
  const { Resources } = synthesize().template().toJSON();
  expect(readFileSync('docs/cost.md', 'utf8')).toContain(
    `An empty mirror is ${Object.keys(Resources).length} resources`,
  );
});
