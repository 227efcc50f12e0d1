/** The bundles under `assets/`: what is in each, made without writing anything. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { LICENCES, licencesOf } from './licences.mjs';
import { buildSplit } from './split.mjs';

const COMMON = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // ES modules where a package has them: what is not used of them is left out.
  mainFields: ['module', 'main'],
  minifySyntax: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'silent',
  metafile: true,
};

/**
 * Packages that the command line `require`s where it first needs them. Each has a file of its own, so that a command that does
 * not need one does not read it either.
 */
const APART = ['croner', 'picomatch', 're2js', 'semver'];

/** What every command that copies loads. */
const TOGETHER = ['bin/commands/copy.ts', 'engine/registry/registries.ts', 'engine/limiter.ts', 'engine/ledger.ts'];

/** What a rotation of tokens runs in a cluster: the construct reads it from files, the command line has it in its bundle. */
const ROTATION = ['get-tokens.sh', 'rotate.pod.mjs', 'docker-config.pod.mjs', 'kubernetes-api.pod.mjs'];

export const BUNDLES = [
  {
    name: 'controller',
    folder: 'assets/controller',
    options: { ...COMMON, entryPoints: ['lambda/controller.ts'], format: 'cjs', outfile: 'assets/controller/index.js' },
  },
  {
    name: 'webhook',
    folder: 'assets/webhook',
    options: { ...COMMON, entryPoints: ['lambda/webhook.ts'], format: 'cjs', outfile: 'assets/webhook/index.js' },
  },
  {
    name: 'worker',
    folder: 'assets/worker',
    options: { ...COMMON, entryPoints: ['container/worker.ts'], format: 'cjs', outfile: 'assets/worker/worker.js' },
    copies: { 'container/Dockerfile': 'assets/worker/Dockerfile' },
  },
  {
    name: 'cli',
    folder: 'assets/cli',
    options: {
      ...COMMON,
      entryPoints: { 'ecr-mirror': 'bin/ecr-mirror.ts' },
      outdir: 'assets/cli',
      // Saying the name of each function takes a tenth of the time that a command has to start.
      keepNames: false,
      // What is given to others to run is text.
      loader: { '.pod.mjs': 'text', '.sh': 'text' },
    },
    split: { apart: APART, together: TOGETHER },
    copies: Object.fromEntries(
      ROTATION.map((name) => [`bin/pull-config/token-rotation/${name}`, `assets/token-rotation/${name}`]),
    ),
    executable: 'assets/cli/ecr-mirror.js',
  },
];

/**
 * Makes a bundle of the sources in the working directory.
 *
 * @returns the files of its folder by their paths, how many bytes of them are code, and the metafile
 * @throws Error or esbuild's BuildFailure for what does not build, and for a package without a licence
 */
export async function makeBundle({ folder, options, split, copies = {} }) {
  const root = process.cwd();
  const made = { ...options, absWorkingDir: root, write: false };
  const { outputFiles, metafile } = await (split === undefined ? build(made) : buildSplit(made, split));
  const files = new Map(outputFiles.map(({ path, contents }) => [relative(root, path), Buffer.from(contents)]));
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  files.set(join(folder, LICENCES), Buffer.from(licencesOf(metafile)));
  for (const [from, to] of Object.entries(copies)) files.set(to, readFileSync(from));
  return { files, bytes, metafile };
}
