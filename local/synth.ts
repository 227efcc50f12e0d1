import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/**
 * Synthesizes an app into a folder, as `cdk synth` would.
 *
 * @param app the file of it. @default - the sample app
 * @throws Error with what the app printed.
 */
export function synthesize(folder: string, app: string = join('bin', 'app.ts')): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', app], {
    cwd: ROOT,
    env: { ...process.env, CDK_OUTDIR: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const printed: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`synthesis of ${app} ended with ${code}: ${printed.join('').trim().slice(-2000)}`));
    });
  });
}
