import type { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { context } from '../lib/stack';

const EXAMPLES = [
  'accounts-and-regions',
  'ecs-service',
  'existing-table',
  'image-list',
  'isolated-service',
  'outward',
  'private-subnets',
  'pull-through-cache',
  'token-rotation',
];

/** What the flags of an app of today are; what CDK's own check would say takes long, and cfn-lint says it in CI. */
const ENVIRONMENT = { CDK_CONTEXT_JSON: JSON.stringify(context), CDK_VALIDATION: 'false' };

beforeAll(() => {
  Object.assign(process.env, ENVIRONMENT);
});
afterAll(() => {
  for (const name of Object.keys(ENVIRONMENT)) delete process.env[name];
});

describe.each(EXAMPLES)('the example %s', (example) => {
  it('is deployed as it was reviewed', async () => {
    const { app }: { app: App } = await import(`../../examples/${example}/app`);
    for (const stack of app.node.children as Stack[]) {
      const text = JSON.stringify(Template.fromStack(stack).toJSON()).replace(/[0-9a-f]{64}/g, '<asset hash>');
      expect(JSON.parse(text)).toMatchSnapshot(stack.node.id);
    }
  });
});
