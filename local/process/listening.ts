import type { ChildProcess } from 'node:child_process';
import { readLines } from './container';

/** Milliseconds for a program to say where it listens. */
const PATIENCE = 30_000;

/**
 * The port that a server says it listens at, as the first group that the pattern finds. Both outputs are read to the end, so
 * that a full pipe never stops the server.
 *
 * @throws Error when it ends before, or says nothing in half a minute
 */
export function listening(child: ChildProcess, program: string, port: RegExp): Promise<string> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new Error(`${program} ${what}: ${said.slice(-5).join(' | ')}`));
    const late = setTimeout(() => fail(`does not listen after ${PATIENCE / 1000} s`), PATIENCE);
    const hear = (line: string) => {
      if (said.length < 50) said.push(line);
      const found = port.exec(line)?.slice(1).find(Boolean);
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    };
    readLines(child.stdout, hear);
    readLines(child.stderr, hear);
    child.once('error', (error) => fail(error.message));
    child.once('close', () => {
      clearTimeout(late);
      fail('ended');
    });
  });
}
