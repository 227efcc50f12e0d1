import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rcompare } from 'semver';
import type { Commit } from './commits';
import { RELEASED } from './next-version';

/** What package.json says that matters to a release. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly repository: { readonly url: string };
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** The repository's page. */
export function pageOf({ repository }: Manifest): string {
  return repository.url.replace(/\.git$/, '');
}

/** The newest version with a tag `v1.2.3` that this commit comes after; undefined before the first. */
export function lastRelease(folder: string): string | undefined {
  const tags = git(folder, ['tag', '--merged', 'HEAD', '--list', 'v*']).split('\n');
  const versions = tags.map((tag) => tag.slice(1)).filter((version) => RELEASED.test(version));
  return versions.sort(rcompare)[0];
}

/** The commits since a version, merges left out, the newest first. */
export function commitsSince(version: string, folder: string): readonly Commit[] {
  const log = git(folder, ['log', '--no-merges', '-z', '--format=%H%n%B', `v${version}..HEAD`]);
  return log
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => ({ id: entry.slice(0, 40), message: entry.slice(41).trim() }));
}

function git(folder: string, arguments_: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('git', ['-C', folder, ...arguments_], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`git ${arguments_[0]}: ${error?.message ?? stderr.trim().split('\n')[0]}`);
  return stdout;
}
