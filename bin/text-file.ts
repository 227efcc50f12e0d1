import { readFile, stat } from 'node:fs/promises';
import { printable } from '../lib/model/invalid';
import { UsageError } from './usage';

const LARGEST_FILE = 10 * 1024 * 1024;

/**
 * Reads a file of text that is not too large.
 *
 * @param file as the user named it
 * @param what `a file of mirrors`
 * @throws UsageError of one line
 */
export async function readTextFile(path: string, file: string, what: string): Promise<string> {
  const { size } = await stat(path).catch(unreadable(file, what));
  if (size > LARGEST_FILE) {
    throw new UsageError(`${printable(file)}: got ${size} bytes; at most ${LARGEST_FILE} would do`, 'FILE_FAILED');
  }
  const bytes = await readFile(path).catch(unreadable(file, what));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${printable(file)}: got bytes that are not UTF-8; text in UTF-8 would do`, 'FILE_FAILED');
  }
}

export function unreadable(file: string, what: string): (error: NodeJS.ErrnoException) => never {
  return ({ code }) => {
    throw new UsageError(
      `${printable(file)}: read: got ${code}; ${what} that this user may read would do`,
      'FILE_FAILED',
    );
  };
}
