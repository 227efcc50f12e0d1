import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package whose code is in a bundle, as the file of licences beside it says. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

export const FOLDERS = ['controller', 'webhook', 'worker', 'cli'] as const;
export type Folder = (typeof FOLDERS)[number];

const LINE = /^(\S+) (\S+) \((.+)\)$/;

/** The parts of the file of licences: the list, then each text with the packages it is for. */
export function licenceParts(folder: Folder): readonly string[] {
  return readFileSync(join('assets', folder, 'THIRD-PARTY-LICENSES'), 'utf8').split(/^-{80}$/m);
}

/** The packages that a part names. */
export function packagesIn(part: string | undefined): readonly Bundled[] {
  return (part ?? '').split('\n').flatMap((line) => {
    const [, name, version, licence] = LINE.exec(line) ?? [];
    return name === undefined || version === undefined || licence === undefined ? [] : [{ name, version, licence }];
  });
}

/** The packages whose files esbuild names in the code itself, which it does above each of them. */
export function packagesInCode(folder: Folder): readonly string[] {
  const files = readdirSync(join('assets', folder), { recursive: true, encoding: 'utf8' });
  const code = files
    .filter((file) => /\.m?js$/.test(file))
    .map((file) => readFileSync(join('assets', folder, file), 'utf8'));
  const names = code.flatMap((text) => [
    ...text.matchAll(/^\s*\/\/ (?:\S+\/)?node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\//gm),
  ]);
  return [...new Set(names.map(([, name]) => name as string))].sort();
}
