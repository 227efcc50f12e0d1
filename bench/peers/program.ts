import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { which } from '../../local/process/which';
import type { Command, Place, Task } from '../tool';

/** Where `npm run bench:peers` puts programs; looked at first, so that a pinned version wins over another one in PATH. */
const INSTALLED = resolve('build/bench/bin');

/** A program's file, or its bare name when it is not on this machine. */
export const programFile = (name: string): string => which(name, [INSTALLED]) ?? name;

/** What the first group of a pattern finds in what a program says about itself; undefined without such a program. */
export async function versionOf(name: string, args: readonly string[], pattern: RegExp): Promise<string | undefined> {
  const file = which(name, [INSTALLED]);
  if (file === undefined) return undefined;
  const { stdout } = await promisify(execFile)(file, args, { timeout: 30_000 });
  return pattern.exec(stdout)?.[1];
}

/** `127.0.0.1:5000/repository:tag` */
export const reference = ({ registry, repository, tag }: Place): string => `${registry}/${repository}:${tag}`;

/** Every registry that a task speaks to, once. */
export function registries(task: Task): string[] {
  const places = task.wanted.flatMap(({ source, destinations }) => [source, ...destinations]);
  return [...new Set(places.map(({ registry }) => registry))];
}

/**
 * A command in nobody's home: the settings, credentials and caches of whoever runs the benchmark stay out of it, and what a
 * program remembers from one command of a task to the next goes with the folder. Programs in Go and Rust trust the
 * authorities of `SSL_CERT_FILE`.
 */
export function command(
  name: string,
  args: readonly string[],
  { certificate }: Task,
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Command {
  const homes = ['HOME', 'DOCKER_CONFIG', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_RUNTIME_DIR'];
  const environment = {
    ...Object.fromEntries(homes.map((home) => [home, folder])),
    ...(certificate === undefined ? {} : { SSL_CERT_FILE: certificate }),
    ...more,
  };
  return { file: programFile(name), args, environment };
}

/** Writes settings as JSON, which readers of YAML take too. @returns where */
export function writeSettings(folder: string, name: string, settings: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, `${JSON.stringify(settings, null, 1)}\n`);
  return file;
}
