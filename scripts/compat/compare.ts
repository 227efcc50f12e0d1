import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What changed from a release to what was built since. */
export interface Comparison {
  /** The version of the release. */
  readonly last: string;
  /** What those who use it would have to change, a line for each. */
  readonly breaks: readonly string[];
}

const JSII_DIFF = resolve('node_modules/jsii-diff/bin/jsii-diff');
const WITHIN = 120_000;
const BREAK = /^err\s+- (.*?)(?: \[[^\]]*\])?$/gm;

/**
 * Holds a build against the npm tarball of a release. What the two depend on is what is installed here.
 *
 * @param folder - has `package.json` and `.jsii`
 * @throws Error for a tarball or a folder without an API
 */
export function compare(tarball: string, folder: string): Comparison {
  const place = mkdtempSync(join(tmpdir(), 'compat-'));
  try {
    const released = unpack(tarball, place);
    const { last, name } = manifestOf(released);
    if (manifestOf(folder).name !== name)
      throw new Error(`${tarball}: got ${name}; a release of this package would do`);
    return { last, breaks: diff(released, resolve(folder)) };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Puts the package where the packages it depends on are beside it. */
function unpack(tarball: string, place: string): string {
  const modules = join(place, 'node_modules');
  const released = join(modules, '.released');
  mkdirSync(released, { recursive: true });
  for (const one of readdirSync('node_modules').filter((entry) => !entry.startsWith('.'))) {
    symlinkSync(resolve('node_modules', one), join(modules, one));
  }
  const { status, stderr } = spawnSync('tar', ['-xzf', tarball, '-C', released, '--strip-components=1'], {
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(`${tarball}: got no npm tarball (${stderr.trim().split('\n')[0]}); npm pack makes one`);
  return released;
}

function manifestOf(folder: string): { readonly last: string; readonly name: string } {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { name, last: version };
}

/** All of the API counts, what is marked as experimental too: the version says what is promised. */
function diff(released: string, built: string): readonly string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [JSII_DIFF, '--error-on=all', released, built], {
    encoding: 'utf8',
    timeout: WITHIN,
    env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' },
  });
  const breaks = [...`${stdout}\n${stderr}`.matchAll(BREAK)].map(([, text = '']) => text);
  if (status === 0 || (status === 1 && breaks.length > 0)) return breaks;
  throw new Error(`jsii-diff ends with ${status}: ${stderr.trim().split('\n')[0]}`);
}
