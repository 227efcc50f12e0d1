import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Where a program is, or undefined: in these folders, in PATH, in the system's own folders, in Go's.
 *
 * @param first looked at before all others. @default none
 */
export function which(program: string, first: readonly string[] = []): string | undefined {
  const home = process.env.GOPATH ?? join(process.env.HOME ?? '/', 'go');
  const path = (process.env.PATH ?? '').split(delimiter);
  const folders = [...first, ...path, '/usr/sbin', '/sbin', join(home, 'bin')];
  return folders.map((folder) => join(folder, program)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
