/**
 * Of files that are always loaded together, one: each file costs a command a fifth of a millisecond to find and open, and what
 * is split for many commands comes in fifty.
 */
import { basename, dirname, join } from 'node:path';

/** The name of the one file. */
const TOGETHER = 'together.js';

/**
 * @param files CommonJS, all in one folder but the entry, with their paths and texts
 * @param outputs of the metafile they are from
 * @param sources whose files, and all that these import, are put into one
 * @param entries what these import stays as it is: it is loaded when nothing else is
 * @returns the files, those that are in the one left out
 * @throws Error for a source that has no file
 */
export function putTogether(files, outputs, { sources, entries }) {
  const before = new Set(entries.flatMap((source) => [...reach(outputs, source)]));
  const reached = sources.flatMap((source) => [...reach(outputs, source)]);
  const inside = new Set(reached.filter((path) => !before.has(path)).map((path) => basename(path)));
  const isInside = ({ path }) => inside.has(basename(path));
  const [first] = files.filter(isInside);
  const modules = files
    .filter(isInside)
    .map(({ path, text }) => `${JSON.stringify(basename(path))}: ${asFunction(text)},\n`);
  const others = files.filter((file) => !isInside(file));
  return [
    { path: join(dirname(first.path), TOGETHER), text: `${HEAD}${modules.sort().join('')}};\n` },
    ...others.map(({ path, text }) => ({ path, text: asksTogether(text, inside) })),
  ];
}

/** Gives a module by the name of the file that it would be in; what is not inside is a file beside. */
const HEAD = `'use strict';
const made = new Map();
function load(id) {
  const name = id.slice(id.lastIndexOf('/') + 1);
  const known = made.get(name);
  if (known !== undefined) return known.exports;
  if (!Object.hasOwn(modules, name)) return require(id);
  const module = { exports: {} };
  made.set(name, module);
  modules[name](module, load);
  return module.exports;
}
module.exports = load;
const modules = {
`;

/** In brackets, so that V8 compiles it at once instead of reading it twice. */
function asFunction(text) {
  return `(function (module, require) {\nvar exports = module.exports;\n${text.replace(/^"use strict";\n/, '')}})`;
}

function asksTogether(text, inside) {
  return text.replace(/\brequire\("(\.\/(?:[\w-]+\/)?)([\w-]+\.js)"\)/g, (call, folder, name) =>
    inside.has(name) ? `require("${folder}${TOGETHER}")("${name}")` : call,
  );
}

/** The files that are loaded with that of a source. */
function reach(outputs, source) {
  const [start] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === source) ?? [];
  if (start === undefined)
    throw new Error(`${source}: got no file of its own; a source that is loaded by import() would do`);
  const found = new Set([start]);
  for (const path of found) {
    for (const { path: next, kind } of outputs[path].imports)
      if (kind === 'import-statement' && next in outputs) found.add(next);
  }
  return found;
}
