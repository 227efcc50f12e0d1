import { execFile } from 'node:child_process';
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
export async function fetchLastRelease(name: string, folder: string): Promise<string | undefined> {
  const asked = await npm('view', name, 'dist-tags.latest', '--json');
  if (asked?.error?.code === 'E404') return undefined;
  if (typeof asked !== 'string') {
    throw new Unanswered(
      `npm view ${name}: got ${asked?.error?.code ?? 'no answer'}; a registry that answers would do`,
    );
  }
  const packed = await npm('pack', `${name}@${asked}`, '--json', '--pack-destination', folder);
  const filename = packed?.[0]?.filename;
  if (typeof filename !== 'string') {
    throw new Unanswered(`npm pack ${name}@${asked}: got no tarball; a registry that answers would do`);
  }
  return join(folder, filename);
}

/** What npm prints, with whatever status it ends; undefined where it is no JSON. */
// biome-ignore lint/suspicious/noExplicitAny: what npm prints, each shape looked at above
function npm(...arguments_: readonly string[]): Promise<any> {
  return new Promise((resolve) => {
    execFile('npm', arguments_, { encoding: 'utf8', timeout: WITHIN, env: process.env }, (_error, stdout) => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        resolve(undefined);
      }
    });
  });
}
