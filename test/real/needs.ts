import { resolve } from 'node:path';
import { which as find } from '../../local/process/which';

/** Where `test/real/run` puts what it builds. */
const BUILT = resolve('build/bin');

/** Where a program is, or undefined: one that was built here wins over another one of its name. */
export function which(program: string): string | undefined {
  return find(program, [BUILT]);
}

/** What is missing of these programs; `root` stands for being root. */
export function missing(tools: readonly string[]): string[] {
  return tools.filter((tool) => (tool === 'root' ? process.getuid?.() !== 0 : which(tool) === undefined));
}

/** Tools that may be missing wherever: no package registry is sure to have them. */
const OPTIONAL = ['zot', 'cosign'];

/** What people know a program as. */
const KNOWN_AS: Readonly<Record<string, string>> = {
  cosign: 'cosign (bash test/real/install-cosign builds it where Go is)',
  'kubernetes-types': 'what reads manifests as Kubernetes does (npm run test:real builds it where Go is)',
  'pull-config-consumers': 'those who read what pull-config makes (npm run test:real builds it where Go is)',
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
