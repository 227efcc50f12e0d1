/**
 * `node scripts/consumer-test.mjs`: packs what was built and uses it as a stranger would, in an empty folder: a CDK app of
 * the README's lines is synthesized with plain JavaScript, and the command line says what it does. aws-cdk-lib and constructs are
 * those installed here, so nothing is fetched.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The README's lines, in a stack, without types. */
function app() {
  const [, lines] =
    /^## In a CDK app$[\s\S]*?^```ts$([\s\S]*?)^```$/m.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  if (lines === undefined) throw new Error('the README has no lines of TypeScript under "In a CDK app"');
  const required = lines.replace(/^import (\{.*\}) from ('.*');$/gm, 'const $1 = require($2);');
  return `
const { App, Stack, aws_iam: iam } = require('aws-cdk-lib');
class Mirrors extends Stack {
  constructor(scope, id) {
    super(scope, id);
    ${required}
  }
}
const app = new App();
new Mirrors(app, 'Mirrors');
app.synth();
`;
}

const EXPECTED = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::Lambda::Function',
  'AWS::Batch::JobDefinition',
  'AWS::ECR::Repository',
];

function run(file, arguments_, options = {}) {
  return execFileSync(file, arguments_, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], ...options });
}

/** A folder with the package in its node_modules, as npm puts it there. */
function install(folder) {
  for (const file of ['.jsii', 'dist/index.js']) {
    if (!existsSync(join(root, file))) throw new Error(`there is no ${file}; npm run build makes it`);
  }
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', folder], { cwd: root }),
  );
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'cdk-ecr-mirror'), { recursive: true });
  run('tar', ['-xzf', join(folder, filename), '-C', join(modules, 'cdk-ecr-mirror'), '--strip-components=1']);
  for (const peer of ['aws-cdk-lib', 'constructs', '@aws-cdk'])
    symlinkSync(join(root, 'node_modules', peer), join(modules, peer));
  const { bin } = JSON.parse(readFileSync(join(modules, 'cdk-ecr-mirror', 'package.json'), 'utf8'));
  mkdirSync(join(modules, '.bin'));
  symlinkSync(join('..', 'cdk-ecr-mirror', bin['ecr-mirror']), join(modules, '.bin', 'ecr-mirror'));
}

function synthesize(folder) {
  const out = join(folder, 'cdk.out');
  writeFileSync(join(folder, 'app.js'), app());
  run(process.execPath, ['--preserve-symlinks', 'app.js'], { cwd: folder, env: { ...process.env, CDK_OUTDIR: out } });
  const template = JSON.parse(readFileSync(join(out, 'Mirrors.template.json'), 'utf8'));
  const types = new Set(Object.values(template.Resources).map(({ Type }) => Type));
  const missing = EXPECTED.filter((type) => !types.has(type));
  if (missing.length > 0) throw new Error(`the template has no ${missing.join(', no ')}`);
  return types.size;
}

function help(folder) {
  const text = run(join(folder, 'node_modules', '.bin', 'ecr-mirror'), ['--help'], { cwd: folder });
  if (!text.includes('ecr-mirror')) throw new Error('ecr-mirror --help does not name itself');
}

const folder = mkdtempSync(join(tmpdir(), 'consumer-'));
try {
  install(folder);
  console.log(`consumer: a template with ${synthesize(folder)} types of resources`);
  help(folder);
  console.log('consumer: ecr-mirror --help answers');
} catch (error) {
  console.error(`consumer: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
