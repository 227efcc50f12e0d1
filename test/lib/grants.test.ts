import { App, Size, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { EcrMirror, type EcrMirrorProps } from '../../lib/index';

const PLACE = { account: '111122223333', region: 'eu-west-1' };
const STREAM = 'arn:aws:dynamodb:eu-west-1:111122223333:table/adopted/stream/2026-11-20T00:00:00.000';

interface Policy {
  readonly Properties: { readonly PolicyDocument: { readonly Statement: readonly Statement[] } };
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

function templateOf(props: (stack: Stack) => EcrMirrorProps): Template {
  const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'Stack', { env: PLACE });
  new EcrMirror(stack, 'Mirror', props(stack));
  return Template.fromStack(stack);
}

/** Every statement, by the policy that it stands in. */
const granted = (template: Template) =>
  Object.entries(template.findResources('AWS::IAM::Policy')).flatMap(([id, policy]) =>
    (policy as Policy).Properties.PolicyDocument.Statement.map((statement) => ({ id, ...statement })),
  );

const vpc = (stack: Stack) => new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 });

describe('what grants nothing', () => {
  it.each<[string, (stack: Stack) => EcrMirrorProps, ((stack: Stack) => EcrMirrorProps)?]>([
    ['metrics', () => ({ metrics: true })],
    ['pullTimeExclusion', () => ({ pullTimeExclusion: true })],
    ['storage', () => ({ storage: Size.gibibytes(30) })],
    ['vpcEndpoints', (stack) => ({ vpc: vpc(stack), vpcEndpoints: true }), (stack) => ({ vpc: vpc(stack) })],
  ])('%s', (_name, props, without = () => ({})) => {
    expect(granted(templateOf(props))).toEqual(granted(templateOf(without)));
  });
});

describe('an existing table', () => {
  const adopt = (tableStreamArn?: string) => (stack: Stack) => ({
    existingTable: TableV2.fromTableAttributes(stack, 'Table', {
      tableArn: stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: 'adopted' }),
      tableStreamArn,
    }),
  });
  /** Actions by policy, of statements whose resources say so. */
  const actionsOn = (template: Template, isMeant: (resource: string) => boolean) =>
    granted(template)
      .filter(({ Resource }) => isMeant(JSON.stringify(Resource)))
      .map(({ id, Action }) => `${id.replace(/[0-9A-F]{8}$/, '')}: ${[Action].flat().join(' ')}`)
      .sort();
  const isOwn = (resource: string) => resource.includes('Mirrors');
  const isAdopted = (resource: string) => resource.includes('table/adopted');

  it('is granted what a table of the mirror is, with a stream', () => {
    const own = actionsOn(
      templateOf(() => ({})),
      isOwn,
    );
    expect(own.length).toBeGreaterThan(1);
    expect(actionsOn(templateOf(adopt(STREAM)), isAdopted)).toEqual(own);
  });

  it('is granted no more without one than to be read', () => {
    const adopted = actionsOn(templateOf(adopt()), isAdopted);
    expect(adopted.filter((actions) => /Stream|Shard|Records/.test(actions))).toEqual([]);
    expect(adopted.length).toBeGreaterThan(0);
    for (const actions of adopted) expect(actions).toMatch(/: (?:dynamodb:(?:BatchGetItem|GetItem|Query|Scan) ?)+$/);
  });
});
