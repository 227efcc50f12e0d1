import { readdirSync, readFileSync } from 'node:fs';

/** What Linux says about processes (proc(5)). */

/** Ticks in a second: USER_HZ, which is 100 on every platform that Node has. */
const TICKS = 100;

/** CPU seconds, user and system, of all children of this process that have ended, and of theirs. */
export function childrenCpu(): number {
  return childrenCpuOf(readFileSync('/proc/self/stat', 'utf8'));
}

/** @param stat of `/proc/PID/stat`. The name in parentheses may hold anything. */
export function childrenCpuOf(stat: string): number {
  // Fields are counted from 1; the name is the second.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[16 - 3]), Number(fields[17 - 3])];
  return (user + system) / TICKS;
}

/** Bytes that the living processes of a tree have had resident at most, added up. 0 when it has ended. */
export function treePeakMemory(root: number): number {
  return treeOf(root).reduce((sum, pid) => sum + peakMemoryOf(read(`/proc/${pid}/status`)), 0);
}

/** @param status of `/proc/PID/status`; a process that has ended has no such line */
export function peakMemoryOf(status: string): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`)
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  );
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Empty for a process that has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
