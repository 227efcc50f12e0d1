import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { readLines } from '../../local/process/container';

/** The worker's bundle, run as AWS Batch would, and what can happen to it. */
export interface WorkerProcess {
  /** Exit code, as a container has it: 128 and the signal's number when a signal ended it. */
  readonly exited: Promise<number>;
  /** The lines that it has written. */
  readonly lines: readonly string[];
  readonly over: () => boolean;
  /** Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM: resolves once it is known to the process, or the process is gone. */
  stop(): Promise<void>;
  /** Resolves when the lack of memory has ended it. */
  exhaust(): Promise<void>;
}

export interface WorkerOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  /** All that the process sees. */
  readonly environment: Readonly<Record<string, string>>;
}

const PID_1 = join(__dirname, '../../local/process/pid-1.cjs');
/** Loaded before a bundle: see there. */
export const BESIDE = join(__dirname, 'worker-beside.cjs');
/** MiB: enough for the worker, and little to run out of. */
const HEAP = 64;
const SIGNALS: Readonly<Record<string, number>> = { SIGABRT: 6, SIGKILL: 9, SIGTERM: 15, SIGTRAP: 5 };

export function startWorker({ args, cwd, environment }: WorkerOptions): WorkerProcess {
  const flags = ['--require', PID_1, '--require', BESIDE, `--max-old-space-size=${HEAP}`];
  const child = spawn(process.execPath, [...flags, ...args], {
    cwd,
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lines: string[] = [];
  let hear: (() => void) | undefined;
  const onLine = (line: string) => {
    lines.push(line);
    if (line.includes('"stopping"')) hear?.();
  };
  readLines(child.stdout, onLine);
  readLines(child.stderr, onLine);
  const stopping = new Promise<void>((resolve) => {
    hear = resolve;
  });
  let over = false;
  const exited = once(child, 'close').then(([code, signal]) => {
    over = true;
    return (code as number | null) ?? 128 + (SIGNALS[signal as string] ?? 0);
  });
  const gone = exited.then(() => undefined);
  return {
    exited,
    lines,
    over: () => over,
    kill: () => {
      child.kill('SIGKILL');
      return gone;
    },
    stop: () => {
      child.kill('SIGTERM');
      return Promise.race([stopping, gone]);
    },
    exhaust: () => {
      child.kill('SIGUSR2');
      return gone;
    },
  };
}
