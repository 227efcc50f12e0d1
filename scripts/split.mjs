/**
 * A bundle of several files, of which a command reads those that it needs. Only ES modules can be split by esbuild; as CommonJS
 * the files load in half the time, so they are split as the one and written as the other.
 */
import { basename, dirname, relative } from 'node:path';
import { build, transform } from 'esbuild';
import { putTogether } from './together.mjs';

/** The folder, in that of the bundle, of all files but the entry. */
const CHUNKS = 'chunks';

/**
 * What `build` of the options gives, with entry points named in an object and `splitting`.
 *
 * @param apart packages that are `require`d where they are first needed: each has a file of its own
 * @param together sources that are loaded together
 * @throws esbuild's BuildFailure for what does not build, and for a package of `apart` that is imported
 */
export async function buildSplit(options, { apart, together }) {
  const main = await build({
    ...options,
    format: 'esm',
    splitting: true,
    chunkNames: `${CHUNKS}/[name]-[hash]`,
    plugins: [leave(apart)],
  });
  const packages = await build({
    ...options,
    mainFields: ['main'],
    entryPoints: apart,
    format: 'cjs',
    outdir: `${options.outdir}/${CHUNKS}`,
  });
  const modules = await Promise.all(main.outputFiles.map((file) => asCommonJs(file, options)));
  const files = putTogether(modules, main.metafile.outputs, {
    sources: together,
    entries: Object.values(options.entryPoints),
  });
  return {
    outputFiles: [...files.map(({ path, text }) => ({ path, contents: Buffer.from(text) })), ...packages.outputFiles],
    metafile: {
      inputs: { ...main.metafile.inputs, ...packages.metafile.inputs },
      outputs: { ...main.metafile.outputs, ...packages.metafile.outputs },
    },
  };
}

async function asCommonJs({ path, text }, { platform, target }) {
  const { code } = await transform(text, {
    platform,
    target,
    format: 'cjs',
    minifySyntax: true,
    // import() is for the loader of ES modules, which takes as long to begin as a command has.
    supported: { 'dynamic-import': false },
    sourcefile: relative('.', path),
  });
  return { path, text: code };
}

/** Leaves `require` of these packages as it is, of a file that is beside each chunk that has it. */
function leave(apart) {
  const fileOf = (name) => `./${name}.js`;
  return {
    name: 'leave-apart',
    setup({ onResolve, onEnd }) {
      onResolve({ filter: new RegExp(`^(?:${apart.join('|')})$`) }, ({ path, kind, importer }) => {
        if (kind === 'require-call') return { path: fileOf(path), external: true };
        return { errors: [{ text: `${importer} imports ${path}; a require where it is needed would do` }] };
      });
      onEnd(({ metafile }) => {
        for (const [file, { imports }] of Object.entries(metafile?.outputs ?? {})) {
          const lost = apart.find((name) => imports.some(({ path }) => path === fileOf(name)));
          if (lost === undefined || basename(dirname(file)) === CHUNKS) continue;
          return { errors: [{ text: `${file} needs ${lost}, whose file is in ${CHUNKS}/` }] };
        }
      });
    },
  };
}
