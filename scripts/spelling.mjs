/**
 * `npm run spelling [-- FILE…]`: holds all files, or these, to typos.toml, by typos from PyPI in a virtual environment. Without
 * Python it says so and ends with 69.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NOT_DONE, virtualEnvironment } from './python.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

const REQUIREMENTS = join('scripts', 'spelling', 'requirements.txt');
const WITHIN = 120_000;
const FILES = process.argv.slice(2);

const [, version] = /^typos==([\d.]+)/.exec(readFileSync(REQUIREMENTS, 'utf8'));
const python = virtualEnvironment(`typos-${version}`, ['--require-hashes', '--requirement', REQUIREMENTS]);
if ('missing' in python) {
  console.log(`spelling: skipped: ${python.missing}`);
  process.exitCode = NOT_DONE;
} else {
  const arguments_ = ['--format', 'brief', '--', ...(FILES.length === 0 ? ['.'] : FILES)];
  const { status, stdout, stderr } = spawnSync(join(python.bin, 'typos'), arguments_, {
    encoding: 'utf8',
    timeout: WITHIN,
    maxBuffer: 64 * 1024 * 1024,
  });
  process.stderr.write(stderr);
  for (const line of stdout.split('\n').filter(Boolean)) {
    const [, place, got, other] = /^(\S+): error: `(.+?)` should be (.+)$/.exec(line) ?? [];
    console.error(place === undefined ? line : `${place}: got ${got}; ${other.replaceAll('`', '')} would do`);
  }
  const count = stdout.split('\n').filter(Boolean).length;
  if (status === 0) console.log('spelling: nothing is misspelt');
  else console.error(`spelling: ${count} misspelt, or words that typos.toml is to have`);
  process.exitCode = status === 0 ? 0 : 1;
}
