/**
 * `npm run package`: the packages of every language that jsii speaks, into `build/packages`. The npm tarball always; the
 * others where the tools of their language are there and its registry has what they depend on. Elsewhere their code is
 * generated and not built, and a line says why. With `-- --complete`, as for a release, that is a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

const OUT = join('build', 'packages');
const PACMAK = join('node_modules', 'jsii-pacmak', 'bin', 'jsii-pacmak');
const BUILD_WITHIN = 600_000;

/** What is built in each language, and with what. */
const LANGUAGES = [
  {
    target: 'python',
    tools: [
      ['python3', '-m', 'venv', '--help'],
      ['python3', '-m', 'pip', '--version'],
    ],
    made: /\.whl$/,
  },
  {
    target: 'java',
    tools: [
      ['javac', '-version'],
      ['mvn', '--version'],
    ],
    made: /\.jar$/,
  },
  { target: 'dotnet', tools: [['dotnet', '--version']], made: /\.nupkg$/ },
  { target: 'go', tools: [['go', 'version']], made: /go\.mod$/ },
];

/** A registry that cannot be reached, or does not have the newest release of a dependency yet. */
const UNAVAILABLE = [
  /No matching distribution found for \S+/,
  /No versions available for \S+/,
  /reading https:\S+ (?:403|404|410)[\w ]*/,
  /Could not (?:transfer artifact|resolve dependencies)[^\n]*/,
  /Unable to load the service index[^\n]*/,
  /(?:Temporary failure in name resolution|Connection refused|no such host|ENOTFOUND|ETIMEDOUT)/,
];

/** What a tarball holds that is none of these does not belong into it: sources, tests, leavings. */
const SHIPPED =
  /^package\/(?:dist\/.*\.(?:js|d\.ts)|assets\/.*|node_modules\/.*|\.jsii|README\.md|API\.md|LICENSE|package\.json)$/;

function npmTarball() {
  const folder = join(OUT, 'js');
  mkdirSync(folder, { recursive: true });
  const packed = run('npm', ['pack', '--silent', '--ignore-scripts', '--offline', '--pack-destination', folder]);
  if (packed.status !== 0) throw new Error(`npm pack: ${packed.text.trim()}`);
  const [file] = readdirSync(folder);
  const names = run('tar', ['-tzf', join(folder, file)])
    .text.trim()
    .split('\n');
  const stray = names.filter((name) => !SHIPPED.test(name));
  if (stray.length > 0) throw new Error(`npm pack: the tarball holds ${stray.join(', ')}`);
  return `${names.length} files, no sources, no tests`;
}

/** Builds a package; where that cannot be done here, generates its code. @returns a remark */
function language({ target, tools, made }) {
  const missing = tools.find(([command, ...arguments_]) => run(command, arguments_).status !== 0);
  if (missing !== undefined) return codeOnly(target, `there is no ${missing.slice(0, -1).join(' ')}`);
  const { status, text } = pacmak(target);
  const because = status === 0 ? undefined : UNAVAILABLE.map((pattern) => pattern.exec(text)?.[0]).find(Boolean);
  if (because !== undefined) return codeOnly(target, because.slice(0, 160));
  if (status !== 0) throw new Error(`${target}: jsii-pacmak ends with ${status}: ${text.slice(-2000)}`);
  if (!files(join(OUT, target)).some((file) => made.test(file))) throw new Error(`${target}: nothing was built`);
  return 'built';
}

function codeOnly(target, because) {
  if (complete)
    throw new Error(`${target}: got no package (${because}); all tools, and a registry that answers, would do`);
  rmSync(join(OUT, target), { recursive: true, force: true });
  const { status, text } = pacmak(target, '--code-only');
  if (status !== 0) throw new Error(`${target}: jsii-pacmak --code-only ends with ${status}: ${text.slice(-2000)}`);
  return `code only: ${because}`;
}

function pacmak(target, ...more) {
  const environment = { JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' };
  return run(
    process.execPath,
    [PACMAK, '--no-npmignore', '--target', target, '--outdir', OUT, ...more, '.'],
    environment,
  );
}

function run(command, arguments_, environment = {}) {
  const { status, stdout, stderr } = spawnSync(command, arguments_, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: BUILD_WITHIN,
    env: { ...process.env, ...environment },
  });
  return { status, text: `${stdout ?? ''}${stderr ?? ''}` };
}

function files(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function report(name, remark, began) {
  const bytes = files(join(OUT, name)).reduce((sum, file) => sum + statSync(file).size, 0);
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  console.log(
    `${name.padEnd(7)} ${`${Math.ceil(bytes / 1024)} KiB`.padStart(10)} ${`${seconds} s`.padStart(6)}  ${remark}`,
  );
}

const [flag] = process.argv.slice(2);
const complete = flag === '--complete';
if (flag !== undefined && !complete) {
  console.error(`package: got ${JSON.stringify(flag)}; --complete, or nothing, would do`);
  process.exit(64);
}
for (const file of ['.jsii', 'dist/index.js', ...Object.values(JSON.parse(readFileSync('package.json', 'utf8')).bin)]) {
  if (existsSync(file)) continue;
  console.error(`package: there is no ${file}; npm run build makes it`);
  process.exit(1);
}
rmSync(OUT, { recursive: true, force: true });
for (const [name, make] of [['js', npmTarball], ...LANGUAGES.map((one) => [one.target, () => language(one)])]) {
  const began = Date.now();
  try {
    report(name, make(), began);
  } catch (error) {
    console.error(`package: ${error.message}`);
    process.exitCode = 1;
  }
}
