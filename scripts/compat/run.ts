import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lt } from 'semver';
import { changesOf } from '../release/commits';
import { commitsSince, lastRelease, readManifest } from '../release/history';
import { nextVersion, stepOf } from '../release/next-version';
import { compare } from './compare';
import { fetchLastRelease, Unanswered } from './released';
import { verdictOf } from './verdict';

/**
 * `npm run compat`: holds the API that was built against that of the newest release on npm, and fails where something is gone
 * or has changed that the next version may not break. `-- --against FILE.tgz` takes a tarball instead. Exits with 69 where npm's
 * registry does not answer.
 */
const { name, version } = readManifest('.');

/** The version that is to come: what package.json says, or what the commits since the release ask for. */
function upcoming(last: string): string {
  if (lt(last, version)) return version;
  const step = lastRelease('.') === last ? stepOf(changesOf(commitsSince(last, '.'))) : undefined;
  return step === undefined ? last : nextVersion(last, step);
}

async function check(folder: string, [flag, file]: readonly string[]): Promise<void> {
  if (flag !== undefined && (flag !== '--against' || file === undefined)) {
    throw new Error(`got ${JSON.stringify(flag)}; --against FILE.tgz, or nothing, would do`);
  }
  if (!existsSync('.jsii')) throw new Error('there is no .jsii; npm run build makes it');
  const tarball = file ?? (await fetchLastRelease(name, folder));
  if (tarball === undefined) {
    console.log('compat: nothing has been released yet: there is nothing to keep to');
    return;
  }
  const comparison = compare(tarball, '.');
  const { ok, lines } = verdictOf(comparison, upcoming(comparison.last));
  for (const line of lines) console[ok ? 'log' : 'error'](`compat: ${line}`);
  if (!ok) process.exitCode = 1;
}

const folder = mkdtempSync(join(tmpdir(), 'compat-'));
check(folder, process.argv.slice(2))
  .catch((error: unknown) => {
    console.error(`compat: ${error instanceof Error ? error.message : error}`);
    process.exitCode = error instanceof Unanswered ? 69 : 1;
  })
  .finally(() => rmSync(folder, { recursive: true, force: true }));
