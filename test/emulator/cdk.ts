import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonMap, mapOf } from '../../local/template/value';

export interface CdkOptions {
  /** For the assembly, the outputs, a home. */
  readonly folder: string;
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
}

const CDK = join('node_modules', 'aws-cdk', 'bin', 'cdk');
const WITHIN = 300_000;
const TAIL = 3000;

/** `cdk bootstrap` and `cdk deploy` of the sample app, as it is. @returns the stacks' outputs, by stack */
export async function deploySample(options: CdkOptions): Promise<JsonMap> {
  const { folder, account, region } = options;
  const assembly = ['--output', assemblyFolder(folder)];
  await cdk(['bootstrap', `aws://${account}/${region}`, ...assembly], options);
  const outputs = join(folder, 'outputs.json');
  await cdk(['deploy', '--all', '--require-approval', 'never', '--outputs-file', outputs, ...assembly], options);
  return mapOf(JSON.parse(readFileSync(outputs, 'utf8')));
}

/**
 * `cdk deploy` of another app into what is bootstrapped.
 *
 * @throws Error with the end of what was printed, when it does not end well
 */
export async function deploy(
  app: string,
  context: Readonly<Record<string, string>>,
  options: CdkOptions,
): Promise<void> {
  const choices = Object.entries(context).flatMap(([name, value]) => ['--context', `${name}=${value}`]);
  const output = ['--output', join(options.folder, 'cdk.out.other')];
  await cdk(['deploy', '--all', '--app', app, '--require-approval', 'never', ...choices, ...output], options);
}

export function assemblyFolder(folder: string): string {
  return join(folder, 'cdk.out');
}

function cdk(arguments_: readonly string[], { folder, endpoint, account, region }: CdkOptions): Promise<void> {
  const child = spawn(process.execPath, [CDK, ...arguments_], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: WITHIN,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      CI: '1',
      NO_COLOR: '1',
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: account,
      AWS_SECRET_ACCESS_KEY: 'emulator',
      AWS_REGION: region,
      AWS_EC2_METADATA_DISABLED: 'true',
      CDK_DOCKER: join(process.cwd(), 'scripts', 'emulator', 'docker'),
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    },
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`cdk ${arguments_[0]} ended with ${code}: ${printed.join('').slice(-TAIL)}`));
    });
  });
}
