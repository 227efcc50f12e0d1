import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What npm would publish, apart from what the full build has yet to make. */
function packed(): string[] {
  const [answer] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  return answer.files.map(({ path }: { path: string }) => path);
}

describe('the published package', () => {
  const files = packed();
  const own = files.filter((file) => !file.startsWith('node_modules/'));
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

  it('has the bundles that the construct deploys and the command line, and the licences of what is in them', () => {
    expect(own).toEqual(
      expect.arrayContaining([
        ...['controller', 'webhook', 'worker', 'cli'].map((bundle) => `assets/${bundle}/THIRD-PARTY-LICENSES`),
        'assets/controller/index.js',
        'assets/webhook/index.js',
        'assets/worker/worker.js',
        'assets/worker/Dockerfile',
        'assets/sbom.cdx.json',
        manifest.bin['ecr-mirror'],
      ]),
    );
  });

  it('has what a reader looks for', () => {
    expect(own).toEqual(expect.arrayContaining(['README.md', 'API.md', 'LICENSE', 'package.json']));
  });

  it('has nothing else: no sources, no tests, no leavings of the build', () => {
    const allowed =
      /^(?:dist\/.*\.(?:js|d\.ts)|assets\/(?:(?:controller|webhook|worker|cli|token-rotation)\/.*|sbom\.cdx\.json)|\.jsii|(?:README|API)\.md|LICENSE|package\.json)$/;
    expect(own.filter((file) => !allowed.test(file))).toEqual([]);
  });

  it('brings the packages that the construct uses, and those alone', () => {
    const brought = files.filter((file) => file.startsWith('node_modules/')).map((file) => file.split('/')[1]);
    expect([...new Set(brought)].sort()).toEqual([...manifest.bundledDependencies].sort());
  });
});
