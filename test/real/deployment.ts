import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { EcrMirror } from '../../lib/index';
import { readJobDefinition } from '../../local/batch/definition';
import { type LocalStack, startStack } from '../../local/stack';
import { readAssembly } from '../../local/template/assembly';
import { newFolder } from './temporary';

/** What rows call the two registries; the local stack knows their addresses. */
export const UPSTREAM = 'upstream.example.com';
export const PARTNER = 'partner.example.com';

export interface Deployment {
  readonly stack: LocalStack;
  /** What the job definition runs, for the parameters of a job by hand: as AWS Batch would start it. */
  worker(source: string, dest: string): WorkerProcess;
  close(): Promise<void>;
}

export interface WorkerProcess {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Synthesizes a stack that may mirror from `UPSTREAM` to `PARTNER`, and runs it locally between registries at two addresses. */
export async function deploy(upstream: string, partner: string): Promise<Deployment> {
  const folder = newFolder();
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ outdir: folder.path, analyticsReporting: false, context });
  new EcrMirror(new Stack(app, 'Real'), 'Mirror', {
    allowedSources: [`${UPSTREAM}/**`],
    allowedDestinations: [`${PARTNER}/mirror/**`],
  });
  app.synth();
  const stack = await startStack({
    assembly: folder.path,
    registries: { [UPSTREAM]: { address: upstream }, [PARTNER]: { address: partner } },
  });
  return {
    stack,
    worker: (source, dest) => workerProcess(stack, folder.path, { plan: '-', source, dest }),
    async close() {
      await stack.stop();
      folder.remove();
    },
  };
}

function workerProcess(stack: LocalStack, folder: string, parameters: Record<string, string>): WorkerProcess {
  const [resource] = stack.template.ofType('AWS::Batch::JobDefinition');
  if (resource === undefined) throw new Error('the template has no job definition');
  const { command, environment, image } = readJobDefinition(resource);
  const args = command.slice(1).map((word) => (word.startsWith('Ref::') ? (parameters[word.slice(5)] ?? word) : word));
  const cwd = readAssembly(folder).asset(image.slice(image.lastIndexOf(':') + 1));
  return { args, cwd, env: { ...stack.environment, ...environment } };
}
