import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Where `test/real/run` puts what it builds. */
const BUILT = resolve('build/bin');

/**
 * Where a program is, or undefined. Looks in PATH, the system's own folders, Go's, and what was built here.
 * @param first folders that are looked in before them
 */
export function which(program: string, first: readonly string[] = []): string | undefined {
  const home = process.env.GOPATH ?? join(process.env.HOME ?? '/', 'go');
  const path = (process.env.PATH ?? '').split(delimiter);
  const folders = [...first, ...path, '/usr/sbin', '/sbin', join(home, 'bin'), BUILT];
  return folders.map((folder) => join(folder, program)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What is missing of these programs; `root` stands for being root. */
export function missing(tools: readonly string[]): string[] {
  return tools.filter((tool) => (tool === 'root' ? process.getuid?.() !== 0 : which(tool) === undefined));
}

/** Tools that may be missing wherever: no package registry is sure to have them. */
const OPTIONAL = ['zot'];

/** What people know a program as. */
const KNOWN_AS: Readonly<Record<string, string>> = {
  'ggcr-registry': "go-containerregistry's registry (npm run test:real builds it where Go is)",
};

/**
 * `describe` where the tools are there. Where one is not, the suite is skipped with a line that says so; with
 * `REAL_REQUIRED`, which `npm run test:real` sets in CI, that is an error instead, unless the tool is optional.
 */
export function describeWith(tools: readonly string[], name: string, suite: () => void): void {
  const absent = missing(tools);
  if (absent.length === 0) {
    describe(name, suite);
    return;
  }
  const why = `${name}: needs ${absent.map((tool) => KNOWN_AS[tool] ?? tool).join(', ')}`;
  if (process.env.REAL_REQUIRED === '1' && !absent.every((tool) => OPTIONAL.includes(tool))) throw new Error(why);
  process.stderr.write(`skipped: ${why}\n`);
  describe.skip(name, suite);
}
