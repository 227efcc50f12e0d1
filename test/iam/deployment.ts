import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import type { RunningRegistry } from '../../local/registry';
import { type LocalStack, type StackOptions, startStack } from '../../local/stack';
import { PLACE } from './place';
import { record, type Told } from './record';

/** A stack, where its images are, and what happens to it. */
export interface Story<R extends Registries> {
  /** Of the stack. @default - known at deployment only */
  readonly region?: string;
  /** Puts mirrors, and what they need, into the stack. */
  readonly declare: (stack: Stack) => void;
  /** `deliver` takes events while the stack is there. */
  readonly startRegistries: (deliver: LocalStack['deliver']) => Promise<R>;
  /** Registries by the names that rows have for them. */
  readonly places: (registries: R) => StackOptions['registries'];
  readonly settings?: Pick<StackOptions, 'secrets' | 'parameters' | 'second'>;
  readonly live: (stack: LocalStack, registries: R) => Promise<void>;
}

/** Those whose requests are a matter of IAM, and any others. */
export interface Registries extends Readonly<Record<string, RunningRegistry>> {
  readonly own: RunningRegistry;
  readonly publicEcr: RunningRegistry;
}

/** The story, lived by the bundles of the synthesized template. */
export async function tell<R extends Registries>(story: Story<R>): Promise<Told> {
  const folder = mkdtempSync(join(tmpdir(), 'iam-'));
  const deployed: { stack?: LocalStack } = {};
  const registries = await story.startRegistries((event) => deployed.stack?.deliver(event));
  try {
    synthesize(folder, story);
    const stack = await startStack({
      assembly: folder,
      ...PLACE,
      ...story.settings,
      registries: story.places(registries),
    });
    deployed.stack = stack;
    const repositories = new Set(registries.own.state.repositories.keys());
    try {
      await story.live(stack, registries);
      return record(stack, { ...registries, repositories });
    } finally {
      await stack.stop();
    }
  } finally {
    for (const registry of Object.values(registries)) await registry.close();
    rmSync(folder, { recursive: true });
  }
}

function synthesize(outdir: string, { declare, region }: Pick<Story<Registries>, 'declare' | 'region'>): void {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const app = new App({ outdir, context, analyticsReporting: false, builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'Proof', region === undefined ? {} : { env: { region } });
  declare(stack);
  for (const construct of stack.node.findAll()) {
    const { path } = construct.node;
    if (!CfnResource.isCfnResource(construct) || construct.cfnResourceType !== 'AWS::Lambda::Function') continue;
    if (!OF_CDK.test(path)) continue;
    const surroundings = { ...SURROUNDINGS, ANSWERS: join(outdir, 'answers') };
    for (const [name, value] of Object.entries(surroundings))
      construct.addPropertyOverride(`Environment.Variables.${name}`, value);
  }
  app.synth();
}

/** Functions that come with CDK: for calls of the SDK, for the default security group, and the provider framework. */
const OF_CDK = /^Proof\/(?:AWS679f53fac002430cb0da5b7982bd2287|Custom::|.*\/framework-)/;

/** What Lambda has for them, and where their answers go. */
const SURROUNDINGS = {
  NODE_OPTIONS: `--require ${join(__dirname, 'answer.cjs')}`,
  NODE_PATH: [join(process.cwd(), 'node_modules'), join(__dirname, 'sdk')].join(':'),
};
