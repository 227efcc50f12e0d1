import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { show } from '../../lib/model/invalid';
import { type JsonMap, mapOf, textOf } from './value';

/** What `cdk synth` wrote for one stack. */
export interface Assembly {
  readonly stackName: string;
  readonly template: JsonMap;
  /** The folder or file that an asset was made of, by the hash under which the template names it. */
  asset(hash: string): string;
}

/**
 * Reads a folder that `cdk synth` wrote.
 *
 * @param stack the stack's name, where the folder holds several
 * @throws Error when it holds no stack, several, or lacks an asset.
 */
export function readAssembly(folder: string, stack?: string): Assembly {
  const artifacts = Object.entries(mapOf(readJson(join(folder, 'manifest.json')).artifacts)).map(
    ([id, artifact]) => [id, mapOf(artifact)] as const,
  );
  const stacks = artifacts.filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack');
  const nameOf = ([id, artifact]: (typeof stacks)[number]) => textOf(mapOf(artifact.properties).stackName) ?? id;
  const found = stack === undefined ? stacks : stacks.filter((candidate) => nameOf(candidate) === stack);
  const [only] = found;
  if (only === undefined || found.length > 1) {
    const names = stacks.map(nameOf).join(', ');
    throw new Error(`assembly: stack: got ${show(stack)}; ${names === '' ? 'a folder with a stack' : names} would do`);
  }
  const [id, artifact] = only;
  const template = textOf(mapOf(artifact.properties).templateFile) ?? `${id}.template.json`;
  const assets = readAssets(folder, template);
  return {
    stackName: nameOf(only),
    template: readJson(join(folder, template)),
    asset: (hash) => {
      const path = assets.get(hash);
      if (path === undefined) throw new Error(`assembly: asset: got ${show(hash)}, which ${folder} does not name`);
      return path;
    },
  };
}

function readAssets(folder: string, template: string): ReadonlyMap<string, string> {
  const file = join(folder, template.replace(/\.template\.json$/, '.assets.json'));
  if (!existsSync(file)) return new Map();
  const manifest = readJson(file);
  const declared = [...Object.entries(mapOf(manifest.files)), ...Object.entries(mapOf(manifest.dockerImages))];
  return new Map(
    declared.flatMap(([hash, asset]) => {
      const source = mapOf(mapOf(asset).source);
      const path = textOf(source.path) ?? textOf(source.directory);
      return path === undefined ? [] : [[hash, isAbsolute(path) ? path : join(folder, path)] as const];
    }),
  );
}

function readJson(file: string): JsonMap {
  return mapOf(JSON.parse(readFileSync(file, 'utf8')));
}
