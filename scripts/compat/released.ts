import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const WITHIN = 120_000;

/** The registry of npm has no answer, for now. */
export class Unanswered extends Error {}

/**
 * Fetches the tarball of the newest release from the registry of npm.
 *
 * @returns its path; undefined where nothing has been released
 * @throws Unanswered where the registry cannot be asked
 */
export function fetchLastRelease(name: string, folder: string): string | undefined {
  const asked = npm('view', name, 'dist-tags.latest', '--json');
  if (asked?.error?.code === 'E404') return undefined;
  if (typeof asked !== 'string') throw new Unanswered(`npm view ${name}: got ${asked?.error?.code ?? 'no answer'}`);
  const packed = npm('pack', `${name}@${asked}`, '--json', '--pack-destination', folder);
  const filename = packed?.[0]?.filename;
  if (typeof filename !== 'string') throw new Unanswered(`npm pack ${name}@${asked}: got no tarball`);
  return join(folder, filename);
}

// biome-ignore lint/suspicious/noExplicitAny: what npm prints, each shape looked at above
function npm(...arguments_: readonly string[]): any {
  const { stdout } = spawnSync('npm', arguments_, { encoding: 'utf8', timeout: WITHIN });
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}
