/**
 * `node scripts/build.mjs [--only=bundles]`: everything under `assets/`, then the construct (`dist/`, `.jsii`).
 *
 * Each bundle is an entry file and what it imports, for Node 20 and later, with the licences of what is not ours beside it;
 * what all of them hold is in a bill of materials. Lines are not joined, so a stack trace can be read without a source map
 * (none is shipped); only syntax is shortened.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLES, makeBundle } from './bundles.mjs';
import { makeSbom, SBOM } from './sbom.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

/** Files that are already as they should be are left alone, so that whoever is reading them is not disturbed. */
async function bundle({ name, folder, options, executable, ...more }) {
  const entry = Object.values(options.entryPoints)[0];
  if (!existsSync(entry)) throw new Error(`${name}: there is no ${entry}`);
  const { files, bytes, metafile } = await makeBundle({ folder, options, ...more });
  const scripts = [...files.keys()].filter((path) => /\.m?js$/.test(path));
  removeStale(folder, files);
  for (const [path, contents] of files) write(path, contents);
  if (executable !== undefined) chmodSync(executable, 0o755);
  const what = scripts.length === 1 ? scripts[0] : `${folder} (${scripts.length} files)`;
  console.log(`${name.padEnd(10)} ${String(Math.ceil(bytes / 1024)).padStart(5)} KiB  ${what}`);
  return { name, files, metafile };
}

function write(path, contents) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}

function removeStale(folder, made) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !made.has(path)) rmSync(path);
  }
}

async function bundles() {
  const outcomes = await Promise.allSettled(BUNDLES.map(bundle));
  const failed = outcomes.filter(({ reason }) => reason !== undefined);
  if (failed.length === 0) billOfMaterials(outcomes.map(({ value }) => value));
  for (const { reason } of failed) {
    const messages = reason.errors?.map(describe) ?? [reason.message];
    for (const message of messages) console.error(`build: ${message}`);
    process.exitCode = 1;
  }
}

function billOfMaterials(made) {
  const text = makeSbom(made);
  write(SBOM, Buffer.from(text));
  console.log(`sbom       ${String(Math.ceil(text.length / 1024)).padStart(5)} KiB  ${SBOM}`);
}

function describe({ text, location }) {
  return location === null ? text : `${location.file}:${location.line}:${location.column}: ${text}`;
}

/** Compiles `lib` with jsii. What an earlier build left in `dist` goes first: jsii keeps it and npm would ship it. */
function construct() {
  rmSync('dist', { recursive: true, force: true });
  rmSync('.jsii', { force: true });
  rmSync('tsconfig.tsbuildinfo', { force: true });
  const compiler = join('node_modules', 'jsii', 'bin', 'jsii');
  const { status } = spawnSync(
    process.execPath,
    [
      compiler,
      '--silence-warnings=reserved-word',
      '--silence-warnings=metadata/missing-dev-dependency',
      '--generate-tsconfig',
      'tsconfig.jsii.json',
    ],
    { stdio: 'inherit', env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' } },
  );
  if (status !== 0) throw new Error('jsii: the construct did not compile');
  console.log('construct  dist, .jsii');
}

const arguments_ = process.argv.slice(2);
const unknown = arguments_.find((argument) => argument !== '--only=bundles');
if (unknown !== undefined) {
  console.error(`build: got ${JSON.stringify(unknown)}; --only=bundles, or nothing, would do`);
  process.exit(64);
}
await bundles();
if (arguments_.length === 0 && process.exitCode === undefined) {
  try {
    construct();
  } catch (error) {
    console.error(`build: ${error.message}`);
    process.exitCode = 1;
  }
}
