import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** The bundle that is deployed, made by `npm run build -- --only=bundles`. */
const BUNDLE = resolve('assets/worker/worker.js');

describe('the bundle of the worker', () => {
  const run = (argv: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync(process.execPath, [BUNDLE, ...argv], { env, encoding: 'utf8', timeout: 60_000 });

  it('says how it is used', () => {
    const { status, stdout } = run(['--help']);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^usage: worker --plan ID/)]);
  });

  it.each([
    ['arguments that are none', ['--dst', 'a:1'], {}, '--plan, or --source with --dest, would do'],
    ['no arguments', [], {}, 'a plan, or a source with its destinations, would do'],
    ['another array index', ['--plan', 'p'], { AWS_BATCH_JOB_ARRAY_INDEX: 'x' }, 'array index: got'],
    ['no environment', ['--plan', 'p'], {}, 'environment variable'],
  ])('ends with 64 and one line for %s', (_, argv, env, line) => {
    const { status, stdout } = run(argv, env);
    expect(status).toBe(64);
    expect(stdout.trim().split('\n')).toEqual([expect.stringContaining(line)]);
  });
});
