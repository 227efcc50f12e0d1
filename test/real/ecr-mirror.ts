import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Ended, start } from './process';
import { withFolder } from './temporary';

/** The command line as it is shipped: the bundle, in a process of its own, with a home of its own and no AWS credentials. */

export const BUNDLE = resolve('assets/cli/ecr-mirror.js');

export interface Invocation extends Ended {
  /** Highest resident memory of the process, in MiB (VmHWM). */
  readonly peakMemory: number;
  readonly seconds: number;
}

export function ecrMirror(...args: readonly string[]): Promise<Invocation> {
  return withFolder(async (home) => {
    const peakFile = join(home, 'peak');
    const env = { HOME: home, DOCKER_CONFIG: home, PEAK_MEMORY_FILE: peakFile, NO_COLOR: '1' };
    const began = Date.now();
    const ended = await start(process.execPath, ['--require', PEAK_HOOK, BUNDLE, ...args], { env }).ended;
    const peakMemory = Number(readFileSync(peakFile, 'utf8')) / 1024;
    return { ...ended, peakMemory, seconds: (Date.now() - began) / 1000 };
  });
}

/** Loaded before the program: writes VmHWM, in KiB, when it exits. */
export const PEAK_HOOK = resolve('test/real/peak-memory.cjs');

/** A file of mirrors in a folder of its own. JSON is YAML. */
export function withMirrors<T>(mirrors: readonly object[], use: (file: string) => Promise<T>): Promise<T> {
  return withFolder((folder) => {
    const file = join(folder, 'mirrors.yaml');
    writeFileSync(file, JSON.stringify({ mirrors }, null, 1));
    return use(file);
  });
}

/** Fails with everything that was said, unless it ended with this code. */
export function expectExit(invocation: Ended, code: number): void {
  if (invocation.code === code) return;
  const said = `${invocation.stdout.slice(-2_000)}\n${invocation.stderr.slice(-2_000)}`;
  throw new Error(`ended with ${invocation.code ?? invocation.signal}, not ${code}: ${said}`);
}
