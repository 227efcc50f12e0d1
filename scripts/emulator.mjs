/**
 * `npm run e2e:emulator`: deploys the sample app into MiniStack, an emulator of AWS from PyPI, with `cdk deploy`, reads back
 * what was deployed, adds a row and sees its image arrive. Without Python it says so and ends with 69.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NOT_DONE, virtualEnvironment } from './python.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

const python = virtualEnvironment('ministack', ['ministack==1.4.21']);
if ('missing' in python) {
  console.log(`emulator: skipped: ${python.missing}`);
  process.exitCode = NOT_DONE;
} else {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', join('test', 'emulator', 'run.ts')], {
    stdio: 'inherit',
    env: { ...process.env, PYTHON: python.python },
  });
  process.exitCode = status ?? 1;
}
