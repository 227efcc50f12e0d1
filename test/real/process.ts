import { type ChildProcess, spawn } from 'node:child_process';

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Starts a program without standard input; its output is collected. */
export function start(command: string, args: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
  return { process: child, ended };
}

/** Runs a program to its end. @throws when it ends with anything but 0, with the end of what it said. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const ended = await start(command, args, options).ended;
  if (ended.code === 0) return ended.stdout;
  const said = `${ended.stdout}\n${ended.stderr}`.trim().slice(-2_000);
  throw new Error(`${command} ${args.slice(0, 3).join(' ')}: ended with ${ended.code ?? ended.signal}: ${said}`);
}
