import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { killGroup, tracked } from '../cleanup';
import type { Command } from '../tool';
import { childrenCpu, treePeakMemory } from './proc';

/** What commands took, all together. */
export interface Effort {
  /** Seconds. */
  readonly wall: number;
  /** Seconds of user and system time, of whatever they started too. */
  readonly cpu: number;
  /** Bytes resident, of the one that had most. */
  readonly peakMemory: number;
}

export interface RunLimits {
  /** Where they are run. */
  readonly cwd: string;
  /** A file for what they say. */
  readonly output: string;
  /** Seconds for each of them. */
  readonly timeout: number;
}

/** Milliseconds between two looks at the memory: VmHWM never falls, so only what grows after the last look is missed. */
const LOOK = 10;
/** Of what a failed command said last. */
const TAIL = 600;

/**
 * Runs commands one after another. No other child of this process may end meanwhile: CPU time is that of the children that
 * have ended.
 *
 * @throws Error for a command that does not end with 0, with the end of what it said
 */
export async function runCommands(commands: readonly Command[], limits: RunLimits): Promise<Effort> {
  const before = childrenCpu();
  let [wall, peakMemory] = [0, 0];
  for (const command of commands) {
    const took = await runOne(command, limits);
    wall += took.wall;
    peakMemory = Math.max(peakMemory, took.peakMemory);
  }
  return { wall, cpu: childrenCpu() - before, peakMemory };
}

async function runOne(
  { file, args, environment }: Command,
  { cwd, output, timeout }: RunLimits,
): Promise<Omit<Effort, 'cpu'>> {
  const log = openSync(output, 'w');
  const began = performance.now();
  const child = tracked(
    spawn(file, args, {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd, NO_COLOR: '1', ...environment },
      stdio: ['ignore', log, log],
      detached: true,
    }),
  );
  let peakMemory = 0;
  const look = () => {
    if (child.pid !== undefined) peakMemory = Math.max(peakMemory, treePeakMemory(child.pid));
  };
  const looking = setInterval(look, LOOK);
  const late = setTimeout(() => child.pid !== undefined && killGroup(child.pid, 'SIGKILL'), timeout * 1000);
  const ended = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code === 0 ? undefined : `ended with ${code ?? signal}`));
  });
  const wall = (performance.now() - began) / 1000;
  clearInterval(looking);
  clearTimeout(late);
  closeSync(log);
  if (ended === undefined) return { wall, peakMemory };
  const said = readFileSync(output, 'utf8').trim().slice(-TAIL).replaceAll(/\s+/g, ' ');
  const why = wall >= timeout ? `not done after ${timeout} s` : ended;
  throw new Error(`${why}${said === '' ? '' : `: ${said}`}`);
}
