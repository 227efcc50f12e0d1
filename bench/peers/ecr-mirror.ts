import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Command, Task, Tool, Wanted } from '../tool';
import { command, reference, registries, writeSettings } from './program';

/** What is shipped. */
export const BUNDLE = resolve('assets/cli/ecr-mirror.js');

/** Ours, as it is shipped, at its defaults: `copy` for one image, `sync` for many. */
export const ecrMirror: Tool = {
  name: 'ecr-mirror',
  async version() {
    if (!existsSync(BUNDLE)) return undefined;
    const { stdout } = await promisify(execFile)(process.execPath, [BUNDLE, '--version'], { timeout: 30_000 });
    return /(\d\S*)/.exec(stdout)?.[1];
  },
  async commands(task, folder) {
    const [image, ...others] = task.wanted;
    if (image === undefined) return undefined;
    const subcommand =
      task.kind === 'copy' && others.length === 0 ? copyArguments(image, task) : fileArguments(task, folder);
    return [ours([...subcommand, '--quiet', ...connection(task)], task, folder)];
  },
};

function ours(args: readonly string[], task: Task, folder: string): Command {
  return { ...command('ecr-mirror', args, task, folder), file: process.execPath, args: [BUNDLE, ...args] };
}

function copyArguments({ source, destinations }: Wanted, { referrers }: Task): string[] {
  const places = destinations.map(reference).join(',');
  return ['copy', reference(source), places, ...(referrers ? [] : ['--no-referrers'])];
}

function fileArguments(task: Task, folder: string): string[] {
  const file = writeSettings(folder, 'mirrors.yaml', {
    defaults: { referrers: task.referrers },
    mirrors: task.wanted.map(({ source, destinations }) => ({
      source: reference(source),
      destinations: destinations.map(reference),
    })),
  });
  return [task.kind === 'plan' ? 'plan' : 'sync', '--file', file];
}

function connection(task: Task): string[] {
  if (task.certificate === undefined) return ['--plain-http'];
  return ['--ca', task.certificate, '--private-hosts', registries(task).join(',')];
}
