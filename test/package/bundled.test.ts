import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { FOLDERS, licenceParts, packagesIn, packagesInCode } from './bundled';

const AWS_SDK = [
  ...['batch', 'dynamodb', 'ecr', 'ecr-public', 'eventbridge', 'lambda', 'secrets-manager', 'ssm', 'sts'].map(
    (service) => `@aws-sdk/client-${service}`,
  ),
  ...['env', 'http', 'ini', 'login', 'node', 'process', 'sso', 'web-identity'].map(
    (kind) => `@aws-sdk/credential-provider-${kind}`,
  ),
  ...['core', 'nested-clients', 'signature-v4-multi-region', 'token-providers', 'xml-builder'].map(
    (part) => `@aws-sdk/${part}`,
  ),
  ...['dynamodb-codec', 'endpoint-cache', 'lib-dynamodb', 'middleware-endpoint-discovery', 'util-dynamodb'].map(
    (part) => `@aws-sdk/${part}`,
  ),
  ...['core', 'credential-provider-imds', 'node-http-handler', 'signature-v4', 'types'].map(
    (part) => `@smithy/${part}`,
  ),
  '@aws/lambda-invoke-store',
  // Of the endpoint cache.
  'mnemonist',
  'obliterator',
];
/** Those of the construct: a row means the same at synthesis and later. */
const OURS = ['picomatch', 're2js', 'semver'];
/** When a row is due, which a worker is never asked. */
const SCHEDULES = ['croner'];
/** Who verifies signatures: they run in the worker and on the command line, never in the controller. */
const SIGSTORE = ['bundle', 'core', 'protobuf-specs', 'verify'].map((part) => `@sigstore/${part}`);
const COMMAND_LINE = [
  'tar',
  'yaml',
  // A proxy on the way.
  ...['agent-base', 'http-proxy-agent', 'https-proxy-agent', 'debug', 'has-flag', 'ms', 'supports-color'],
  // Who is asked for, on a laptop.
  'bowser',
  // What may be wrong with a place.
  ...['iam', 'service-quotas'].map((service) => `@aws-sdk/client-${service}`),
  // Which stack it is, and what runs its images.
  ...['cloudformation', 'ecs', 'eks'].map((service) => `@aws-sdk/client-${service}`),
];
/** Whoever takes webhooks writes them down and reads secrets: it calls nothing else. */
const NOT_FOR_WEBHOOKS = new Set(
  ['batch', 'ecr', 'ecr-public', 'eventbridge', 'lambda', 'ssm', 'sts'].map((service) => `@aws-sdk/client-${service}`),
);
/** Everything that is shipped in a bundle. A package that is new here is a decision, and so is one that is gone. */
const HELD = {
  controller: [...AWS_SDK, ...OURS, ...SCHEDULES],
  webhook: AWS_SDK.filter((name) => !NOT_FOR_WEBHOOKS.has(name)),
  worker: [...AWS_SDK, ...OURS, ...SIGSTORE],
  cli: [...AWS_SDK, ...OURS, ...SCHEDULES, ...SIGSTORE, ...COMMAND_LINE],
};

/** Licences that ask for no more than their text beside the code. */
const ALLOWED = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT']);

const { packages: locked } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

describe.each(FOLDERS)('the bundle of the %s', (folder) => {
  const [list, ...texts] = licenceParts(folder);
  const bundled = packagesIn(list);
  const names = bundled.map(({ name }) => name);

  it('holds the packages that it is meant to hold, and no other', () => {
    const meant = new Set(HELD[folder]);
    expect({
      new: names.filter((name) => !meant.has(name)),
      gone: [...meant].filter((name) => !names.includes(name)),
    }).toEqual({ new: [], gone: [] });
  });

  it('says of each package whose code it holds what its licence is', () => {
    expect(packagesInCode(folder).length).toBeGreaterThan(0);
    expect(packagesInCode(folder).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('has the text of each licence', () => {
    const covered = texts.flatMap((part) => {
      const [, , ...text] = part.trim().split('\n\n');
      return text.join().length > 200 ? packagesIn(part).map(({ name }) => name) : [];
    });
    expect(covered.sort()).toEqual([...names].sort());
  });

  it('has nothing under a licence that asks for more', () => {
    expect(bundled.filter(({ licence }) => !ALLOWED.has(licence))).toEqual([]);
  });

  it('is made of versions that the lock file holds by their digests', () => {
    const unlocked = bundled.filter(({ name, version }) => {
      const entries = Object.entries<{ version?: string; integrity?: string }>(locked);
      return !entries.some(
        ([path, entry]) =>
          path.endsWith(`node_modules/${name}`) &&
          entry.version === version &&
          entry.integrity?.startsWith('sha512-') === true,
      );
    });
    expect(unlocked).toEqual([]);
  });
});

it('leaves nothing that is shipped to be chosen at installation', () => {
  const exact = /^\d+\.\d+\.\d+$/;
  expect(Object.entries(manifest.dependencies).filter(([, version]) => !exact.test(String(version)))).toEqual([]);
  expect(Object.keys(manifest.dependencies).sort()).toEqual([...manifest.bundledDependencies].sort());
});

it('bundles are the same bytes when they are made elsewhere', () => {
  const said = execFileSync(process.execPath, ['scripts/reproducible.mjs'], { encoding: 'utf8' });
  expect(said).toMatch(/^reproducible: \d+ files, sha256:[0-9a-f]{64}\n$/);
}, 120_000);
