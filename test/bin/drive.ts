import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../bin/ecr-mirror';
import type { Io } from '../../bin/io';
import { inspecting } from '../../local/canary';
import { findManifest, type RunningRegistry, startRegistry } from '../../local/registry';

export interface Ran {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** The real command in this process, with a home of its own. */
export interface Bench {
  readonly folder: string;
  readonly env: Record<string, string>;
  run(argv: readonly string[], io?: Partial<Io>): Promise<Ran>;
  /** Starts an embedded registry that ends with the bench. */
  registry(options?: Parameters<typeof startRegistry>[0]): Promise<RunningRegistry>;
  write(name: string, text: string): string;
  close(): Promise<void>;
}

export function openBench(): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'command-'));
  const env = { HOME: folder, DOCKER_CONFIG: folder, PATH: process.env.PATH ?? '' };
  const registries: RunningRegistry[] = [];
  return {
    folder,
    env,
    async run(argv, io = {}) {
      const stdout = record();
      const stderr = record();
      const code = await main(argv, { stdout, stderr, env, cwd: folder, ...io });
      return { code, out: stdout.lines(), err: stderr.lines() };
    },
    async registry(options) {
      const registry = await startRegistry(options);
      registries.push(registry);
      return registry;
    },
    write(name, text) {
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    },
    async close() {
      await Promise.all(registries.map((registry) => registry.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function record() {
  let text = '';
  const look = inspecting('what the command said');
  return {
    write: (more: string) => {
      look(more);
      text += more;
    },
    text: () => text,
    lines: () => text.split('\n').slice(0, -1),
  };
}

/** Attempts and delays that do not make a failing test wait. */
export const QUICK = ['--attempts', '2', '--retry-delay', '1ms', '--max-retry-delay', '5ms'];

/** The digest of a tag in an embedded registry; undefined when it is not there. */
export function digestAt(registry: RunningRegistry, repository: string, tag: string): string | undefined {
  const found = registry.state.repositories.get(repository);
  return found === undefined ? undefined : findManifest(found, tag)?.descriptor.digest;
}
