import type { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { context } from '../lib/stack';

const EXAMPLES = [
  'accounts-and-regions',
  'ecs-service',
  'existing-table',
  'outward',
  'private-subnets',
  'pull-through-cache',
];

/** The app of an example, made with the flags that an app of today has. */
async function appOf(example: string): Promise<App> {
  const before = process.env.CDK_CONTEXT_JSON;
  process.env.CDK_CONTEXT_JSON = JSON.stringify(context);
  try {
    return (await import(`../../examples/${example}/app`)).app;
  } finally {
    if (before === undefined) delete process.env.CDK_CONTEXT_JSON;
    else process.env.CDK_CONTEXT_JSON = before;
  }
}

describe.each(EXAMPLES)('the example %s', (example) => {
  it('is deployed as it was reviewed', async () => {
    const app = await appOf(example);
    for (const stack of app.node.children as Stack[]) {
      const text = JSON.stringify(Template.fromStack(stack).toJSON()).replace(/[0-9a-f]{64}/g, '<asset hash>');
      expect(JSON.parse(text)).toMatchSnapshot(stack.node.id);
    }
  });
});
