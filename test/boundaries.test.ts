import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

/** Who may import whom: the table in CONTRIBUTING.md, kept true. The first folder that a file lies in decides. */
const ARROWS: Record<string, { ours: string[]; packages: (name: string) => boolean }> = {
  'lib/model': { ours: ['lib/model'], packages: (name) => BUNDLED.has(name) },
  lib: {
    ours: ['lib'],
    packages: (name) => ['aws-cdk-lib', 'constructs', 'node:path', 'node:fs'].includes(name) || BUNDLED.has(name),
  },
  engine: { ours: ['engine', 'lib/model'], packages: isNode },
  aws: { ours: ['aws', 'engine', 'lib/model'], packages: (name) => isNode(name) || name.startsWith('@aws-sdk/') },
  signatures: {
    ours: ['signatures', 'engine', 'lib/model'],
    packages: (name) => isNode(name) || name.startsWith('@sigstore/'),
  },
  lambda: { ours: ['lambda', 'aws', 'engine', 'lib/model'], packages: isNode },
  container: { ours: ['container', 'signatures', 'aws', 'engine', 'lib/model'], packages: isNode },
  'bin/app.ts': {
    ours: ['lib/index'],
    packages: (name) => ['aws-cdk-lib', 'constructs'].includes(name) || isNode(name),
  },
  examples: { ours: ['lib/index'], packages: (name) => ['aws-cdk-lib', 'constructs'].includes(name) },
  bin: {
    ours: ['bin', 'terminal', 'signatures', 'aws', 'engine', 'lib/model', 'package.json'],
    packages: (name) => isNode(name) || CLI_PACKAGES.has(name),
  },
  terminal: { ours: ['terminal', 'engine/ports', 'lib/model'], packages: isNode },
  bench: {
    ours: ['bench', 'local', 'engine', 'lib/model', 'lib/index'],
    packages: (name) => isNode(name) || DEVELOPMENT.has(name),
  },
  local: { ours: ['local', 'terminal', 'aws', 'engine', 'lib/model'], packages: (name) => !name.startsWith('aws-cdk') },
};
const BUNDLED = new Set<string>(JSON.parse(readFileSync('package.json', 'utf8')).bundledDependencies);
const DEVELOPMENT = new Set(Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).devDependencies));
const CLI_PACKAGES = new Set(['yaml', 'tar', 'https-proxy-agent', 'http-proxy-agent']);

function isNode(name: string): boolean {
  return name.startsWith('node:') && builtinModules.includes(name.slice('node:'.length).split('/')[0] ?? '');
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

function imports(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s+['"]([^'"]+)['"]|\brequire\(\s*['"]([^'"]+)['"]\s*\)/g,
  );
  return [...found].map((match) => (match[1] ?? match[2] ?? match[3] ?? match[4]) as string);
}

function packageName(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@')
    ? parts.slice(0, 2).join('/')
    : specifier.startsWith('node:')
      ? specifier
      : (parts[0] ?? '');
}

function violations(room: string, file: string): string[] {
  const arrow = ARROWS[room];
  if (arrow === undefined) return [`${file}: no arrows are drawn for ${room}`];
  return imports(file).flatMap((specifier) => {
    if (!specifier.startsWith('.')) {
      const name = packageName(specifier);
      return arrow.packages(name) ? [] : [`${file} imports the package ${name}`];
    }
    const target = relative('.', resolve(dirname(file), specifier));
    const allowed = arrow.ours.some((place) => target === place || target.startsWith(`${place}/`));
    return allowed ? [] : [`${file} imports ${target}`];
  });
}

const rooms = Object.keys(ARROWS).sort((a, b) => b.length - a.length);
const roomOf = (file: string) => rooms.find((room) => file === room || file.startsWith(`${room}/`));

describe('imports point one way', () => {
  const files = [...new Set(rooms.map((room) => room.split('/')[0] as string))].flatMap(sources);

  it('reads the sources', () => {
    expect(files).toContain(join('lib', 'model', 'reference.ts'));
    expect(imports(join('lib', 'model', 'reference.ts')).length).toBeGreaterThan(0);
  });

  it.each(rooms)('%s', (room) => {
    expect(files.filter((file) => roomOf(file) === room).flatMap((file) => violations(room, file))).toEqual([]);
  });
});
