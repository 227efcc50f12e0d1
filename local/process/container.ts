import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { show } from '../../lib/model/invalid';

export interface ContainerOptions {
  /** `node` is the Node that runs this; anything else does not start. */
  readonly command: readonly string[];
  /** Stands for the image's working directory. */
  readonly folder: string;
  /** All that the process sees. */
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly stopTimeout: number;
  readonly onLine?: (line: string) => void;
}

/** A process that stands for a container. */
export interface Container {
  readonly exited: Promise<Exit>;
  /** SIGTERM, and SIGKILL if it is still there after the stop timeout. */
  stop(): void;
  kill(): void;
}

export interface Exit {
  /** 128 and the signal's number when a signal ended it, as a container's is. Absent when it never ran. */
  readonly exitCode?: number;
  /** Why it never ran. */
  readonly reason?: string;
}

const SIGNALS: Readonly<Record<string, number>> = { SIGKILL: 9, SIGTERM: 15, SIGINT: 2, SIGSEGV: 11, SIGABRT: 6 };
const PID_1 = join(__dirname, 'pid-1.cjs');

export function startContainer(options: ContainerOptions): Container {
  const [program, ...args] = options.command;
  if (program !== 'node') {
    return neverStarted(`CannotStartContainerError: got ${show(program)}; the local stack runs node alone`);
  }
  const child = spawn(process.execPath, ['--require', PID_1, ...args], {
    cwd: options.folder,
    env: { ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  readLines(child.stdout, options.onLine);
  readLines(child.stderr, options.onLine);
  let killing: NodeJS.Timeout | undefined;
  return {
    exited: exitOf(child).finally(() => clearTimeout(killing)),
    stop: () => {
      child.kill('SIGTERM');
      killing ??= setTimeout(() => child.kill('SIGKILL'), options.stopTimeout);
    },
    kill: () => child.kill('SIGKILL'),
  };
}

/** A container that came to nothing before its process began. */
export function neverStarted(reason: string): Container {
  return { exited: Promise.resolve({ reason }), stop: () => {}, kill: () => {} };
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ reason: `CannotStartContainerError: ${error.message}` }));
    child.once('close', (code, signal) => resolve({ exitCode: code ?? 128 + (SIGNALS[signal ?? ''] ?? 0) }));
  });
}

/** Hands on each line as it comes. */
export function readLines(stream: Readable | null, onLine: ((line: string) => void) | undefined): void {
  if (stream === null) return;
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => onLine?.(line));
}
