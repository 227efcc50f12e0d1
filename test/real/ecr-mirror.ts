import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Ended, start } from './process';

/** The command line as it is shipped: the bundle, in a process of its own, with a home of its own and no AWS credentials. */

const BUNDLE = resolve('assets/cli/ecr-mirror.mjs');

export interface Invocation extends Ended {
  /** Highest resident memory of the process, in MiB (VmHWM). */
  readonly peakMemory: number;
  readonly seconds: number;
}

export async function ecrMirror(...args: readonly string[]): Promise<Invocation> {
  const home = mkdtempSync(join(tmpdir(), 'ecr-mirror-home-'));
  const peakFile = join(home, 'peak');
  const env = { HOME: home, DOCKER_CONFIG: home, PEAK_MEMORY_FILE: peakFile, NO_COLOR: '1' };
  const began = Date.now();
  try {
    const ended = await start(process.execPath, ['--require', PEAK_HOOK, BUNDLE, ...args], { env }).ended;
    const peakMemory = Number(readFileSync(peakFile, 'utf8')) / 1024;
    return { ...ended, peakMemory, seconds: (Date.now() - began) / 1000 };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Loaded before the program: writes VmHWM, in KiB, when it exits. */
export const PEAK_HOOK = resolve('test/real/peak-memory.cjs');

/** A file of mirrors in a folder of its own. JSON is YAML. */
export async function withMirrors<T>(
  mirrors: readonly object[],
  use: (file: string, folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'ecr-mirror-file-'));
  const file = join(folder, 'mirrors.yaml');
  writeFileSync(file, JSON.stringify({ mirrors }, null, 1));
  try {
    return await use(file, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Fails with everything that was said, unless it ended with this code. */
export function expectExit(invocation: Ended, code: number): void {
  if (invocation.code === code) return;
  const said = `${invocation.stdout.slice(-2_000)}\n${invocation.stderr.slice(-2_000)}`;
  throw new Error(`ended with ${invocation.code ?? invocation.signal}, not ${code}: ${said}`);
}
