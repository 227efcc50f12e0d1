import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What must not outlive the benchmark, however it ends: processes with those that they started, and folders. */
const groups = new Set<number>();
const folders = new Set<string>();

/** Room that a folder in memory must have before it is taken. */
const ROOM = 4 * 1024 ** 3;

/** Call once: Ctrl-C, SIGTERM and errors then leave nothing behind. */
export function cleanUpOnExit(): void {
  process.once('exit', () => {
    for (const group of groups) killGroup(group, 'SIGKILL');
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
}

/** Remembers a process that was started with `detached`, which makes it a group of its own, until it has ended. */
export function tracked<T extends ChildProcess>(child: T): T {
  const { pid } = child;
  if (pid === undefined) return child;
  groups.add(pid);
  child.once('exit', () => groups.delete(pid));
  return child;
}

/** Signals a process and all that it started. */
export function killGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // It has ended by itself.
  }
}

export interface Folder {
  readonly path: string;
  remove(): void;
}

/** @param parent by default in memory where there is room, so that no disk is measured */
export function newFolder(parent = hasRoom('/dev/shm') ? '/dev/shm' : tmpdir()): Folder {
  const path = mkdtempSync(join(parent, 'ecr-mirror-bench-'));
  folders.add(path);
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
      folders.delete(path);
    },
  };
}

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > ROOM;
  } catch {
    return false;
  }
}
