/**
 * `node scripts/reproducible.mjs`: makes the bundles and their bill of materials here, and again in a folder elsewhere that has
 * nothing but the sources which went into them, and says whether the bytes are the same.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLES, makeBundle } from './bundles.mjs';
import { readsFor } from './licences.mjs';
import { makeSbom, SBOM } from './sbom.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

async function makeAll(folder) {
  process.chdir(folder);
  const made = [];
  for (const bundle of BUNDLES) made.push({ name: bundle.name, ...(await makeBundle(bundle)) });
  const files = new Map(made.flatMap((one) => [...one.files]));
  files.set(SBOM, Buffer.from(makeSbom(made)));
  return { files, metafiles: made.map(({ metafile }) => metafile) };
}

/** Every file that a build reads: what esbuild names, what says how packages are read, what is copied. */
function sourcesOf(metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const copied = BUNDLES.flatMap(({ copies = {} }) => Object.keys(copies));
  const sources = new Set([...inputs, ...copied, ...metafiles.flatMap(readsFor), 'tsconfig.json']);
  for (const input of inputs) {
    for (let folder = dirname(input); folder !== '.'; folder = dirname(folder)) {
      const description = join(folder, 'package.json');
      if (existsSync(description)) sources.add(description);
    }
  }
  return [...sources, 'package.json', 'package-lock.json', 'container/Dockerfile'];
}

function copyTo(folder, sources) {
  for (const source of sources) {
    mkdirSync(dirname(join(folder, source)), { recursive: true });
    copyFileSync(source, join(folder, source));
  }
}

/** A digest of all names and bytes, in order. */
function digestOf(files) {
  const hash = createHash('sha256');
  for (const path of [...files.keys()].sort())
    hash.update(`${path}\0${files.get(path).length}\0`).update(files.get(path));
  return `sha256:${hash.digest('hex')}`;
}

const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'reproducible-')));
try {
  const here = await makeAll(root);
  const folder = join(elsewhere, 'a folder', 'with another name');
  copyTo(folder, sourcesOf(here.metafiles));
  const there = await makeAll(folder);
  const paths = [...new Set([...here.files.keys(), ...there.files.keys()])].sort();
  const different = paths.filter((path) => !there.files.get(path)?.equals(here.files.get(path) ?? Buffer.alloc(0)));
  const [first] = different;
  if (first === undefined) console.log(`reproducible: ${paths.length} files, ${digestOf(here.files)}`);
  else {
    console.error(
      `reproducible: ${first}: got other bytes in another folder; the same would do (${different.length} such)`,
    );
    process.exitCode = 1;
  }
} finally {
  process.chdir(root);
  rmSync(elsewhere, { recursive: true, force: true });
}
