/** Python for scripts: a virtual environment with the packages that one of them wants. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** What jsii's runtime for Python asks for. */
const OLDEST = [3, 9];
const INSTALL_WITHIN = 300_000;

/** The exit status of what could not be done for want of Python or its packages: neither well nor wrong. */
export const NOT_DONE = 69;

/**
 * Makes `build/python/<name>` with these packages, or finds it made.
 *
 * @returns {{ bin: string, python: string } | { missing: string }} the folder of its commands, or in one line why there is none
 */
export function virtualEnvironment(name, packages) {
  const folder = join(root, 'build', 'python', name);
  const bin = join(folder, 'bin');
  const marker = join(folder, 'packages');
  const wanted = packages.join('\n');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return { bin, python: join(bin, 'python') };
  const version = pythonVersion();
  if (version === undefined) return { missing: 'there is no python3 on PATH' };
  if (version[0] < OLDEST[0] || (version[0] === OLDEST[0] && version[1] < OLDEST[1])) {
    return { missing: `python3 is ${version.join('.')}; ${OLDEST.join('.')} or newer would do` };
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const made = spawnSync('python3', ['-m', 'venv', folder], { encoding: 'utf8' });
  if (made.status !== 0) return { missing: `python3 makes no virtual environment: ${lastLine(made)}` };
  const installed = spawnSync(
    join(bin, 'python'),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages],
    { encoding: 'utf8', timeout: INSTALL_WITHIN },
  );
  if (installed.status !== 0) return { missing: `pip does not install ${packages.join(', ')}: ${lastLine(installed)}` };
  writeFileSync(marker, wanted);
  return { bin, python: join(bin, 'python') };
}

function pythonVersion() {
  const { status, stdout } = spawnSync('python3', ['-c', 'import sys; print(*sys.version_info[:2])'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim().split(' ').map(Number) : undefined;
}

function lastLine({ stdout, stderr, error }) {
  return error?.message ?? `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').pop();
}
