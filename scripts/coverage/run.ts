import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { withPart } from '../../test/fault/report';
import { gather } from './gather';
import { jest, maps, missing, spawned } from './places.json';
import { byFolder, formatMissing, formatTable, shortfalls } from './table';

/**
 * `npm run coverage`: runs the tests with the measuring on, adds up what jest and the processes of tests executed, and fails
 * where a folder falls short. What was never executed is listed in build/coverage/missing.txt. `--page` writes the table
 * into docs/reliability.md. Anything else is handed to jest: `npm run coverage -- test/model` measures by these tests alone.
 */
const PAGE = 'docs/reliability.md';
const given = process.argv.slice(2);
const files = given.filter((argument) => argument !== '--page' && argument !== '--again');

/** Measures anew, unless `--again` asks for the figures of the last time. */
function measure(): number {
  for (const folder of [jest, maps, spawned]) rmSync(folder, { recursive: true, force: true });
  for (const folder of [jest, spawned]) mkdirSync(folder, { recursive: true });
  const jestArgs = ['--ci', '-c', CONFIG, '-t', WITHOUT_ENVIRONMENT, ...files];
  return node('scripts/coverage/maps.mjs') || node('node_modules/jest/bin/jest.js', ...jestArgs);
}
const CONFIG = 'scripts/coverage/jest.config.cjs';
/** All tests but those of what a process sees of the environment: Node adds what the measuring needs. */
const WITHOUT_ENVIRONMENT = '^(?!.*(?:its own environment alone|nothing of this machine))';

function node(...args: readonly string[]): number {
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}

const status = given.includes('--again') ? 0 : measure();
const measured = gather();
const rows = byFolder(measured);
mkdirSync(dirname(missing), { recursive: true });
writeFileSync(missing, formatMissing(measured));
console.log(`\n${formatTable(rows)}\n\nNot executed: ${missing}`);
const short = shortfalls(rows);
for (const line of short) console.error(line);
if (given.includes('--page')) {
  const date = new Date().toISOString().slice(0, 10);
  const text = `Measured on ${date} with Node ${process.versions.node}:\n\n${formatTable(rows)}`;
  writeFileSync(PAGE, withPart(readFileSync(PAGE, 'utf8'), 'coverage', text));
}
process.exitCode = status !== 0 || short.length > 0 ? 1 : 0;
