import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { readLines } from '../../local/process/container';
import type { Sample } from './trace';

/** The bundle that is published, made by `npm run build -- --only=bundles`. */
const BUNDLE = resolve('assets/cli/ecr-mirror.js');
const SAMPLER = join(__dirname, 'sampler.cjs');
/** Milliseconds for an answer of the sampler, and from SIGTERM to the end. */
const PATIENCE = 30_000;
const LINES_KEPT = 200;

/** What `serve` told, counted; texts of failures as far as there is room. */
export interface Told {
  rounds: number;
  copied: number;
  failed: number;
  readonly failures: string[];
  /** What was no line of JSON. */
  readonly stray: string[];
}

/** `ecr-mirror serve` in a process of its own. */
export interface Served {
  readonly told: Told;
  sample(): Promise<Sample>;
  /** Whether it is still there. */
  readonly runs: () => boolean;
  /** SIGTERM, and what it ended with; `killed` when it did not end by itself. */
  stop(): Promise<number | string>;
}

/** @param folder its home, its working directory and the place of its temporary files */
export function startServe(folder: string, args: readonly string[], hear: (line: string) => void): Served {
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--require', SAMPLER, BUNDLE, 'serve', '--json', '--file', 'mirrors.yaml', ...args],
    {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, DOCKER_CONFIG: folder, TMPDIR: join(folder, 'tmp') },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const ended = once(child, 'close');
  const told: Told = { rounds: 0, copied: 0, failed: 0, failures: [], stray: [] };
  for (const stream of [child.stdout, child.stderr]) {
    readLines(stream, (line) => {
      hear(line);
      count(told, line);
    });
  }
  return {
    told,
    sample: () => sampleOf(child),
    runs: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
      child.kill('SIGTERM');
      const [code, signal] = await ended;
      clearTimeout(late);
      return code ?? `killed by ${signal}`;
    },
  };
}

function count(told: Told, line: string): void {
  const event = parse(line);
  if (event === undefined) keep(told.stray, line);
  if (event?.event === 'summary') told.rounds++;
  if (event?.event === 'copied') told.copied++;
  if (event?.event !== 'failed') return;
  told.failed++;
  keep(told.failures, String(event.error));
}

function keep(lines: string[], line: string): void {
  if (lines.length < LINES_KEPT) lines.push(line);
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function sampleOf(child: ChildProcess): Promise<Sample> {
  const answer = once(child, 'message', { signal: AbortSignal.timeout(PATIENCE) });
  child.send('sample');
  const [sample] = await answer;
  return sample as Sample;
}
