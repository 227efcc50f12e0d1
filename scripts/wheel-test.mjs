/**
 * `node scripts/wheel-test.mjs`: installs the wheel that `npm run package` made into a virtual environment and synthesizes a
 * Python app with it. Where there is no Python, no PyPI or no wheel, it says so and ends well.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { virtualEnvironment } from './python.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const WHEELS = join(root, 'build', 'packages', 'python');

const APP = `
from aws_cdk import App, Stack
from cdk_ecr_mirror import EcrMirror, MirroredImage, TagSelection

app = App()
stack = Stack(app, "Mirrors")
EcrMirror(stack, "Mirror", images=[MirroredImage(source="nginx", tags=TagSelection.semver(">=1.25").latest(5))])
app.synth()
`;

const EXPECTED = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::Lambda::Function',
  'AWS::Batch::JobDefinition',
  'AWS::ECR::Repository',
];

function findWheel() {
  return existsSync(WHEELS) ? readdirSync(WHEELS).find((file) => file.endsWith('.whl')) : undefined;
}

/** A release of aws-cdk-lib may come to PyPI later than to npm: then the newest that is there, and pip is not asked about it. */
function environment() {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wanted = devDependencies['aws-cdk-lib'];
  const others = ['jsii>=1.140.0,<2', `constructs==${devDependencies.constructs}`, 'publication'];
  const exact = virtualEnvironment(`wheel-${wanted}`, [`aws-cdk-lib==${wanted}`, ...others]);
  if (!('missing' in exact)) return { ...exact, remark: `aws-cdk-lib ${wanted}` };
  const newest = virtualEnvironment('wheel-newest', ['aws-cdk-lib>=2.270,<3', ...others]);
  return { ...newest, remark: `the newest aws-cdk-lib that pip finds; ${wanted} is not among them` };
}

function run(command, arguments_, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, arguments_, { encoding: 'utf8', timeout: 300_000, ...options });
  if (status !== 0)
    throw new Error(`${arguments_[0]} ends with ${status}: ${`${stdout}${stderr}`.trim().slice(-2000)}`);
}

function synthesize(python, wheel, folder) {
  const reinstall = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--force-reinstall',
    '--no-deps',
  ];
  run(python, [...reinstall, join(WHEELS, wheel)]);
  writeFileSync(join(folder, 'app.py'), APP);
  const out = join(folder, 'cdk.out');
  const variables = { CDK_OUTDIR: out, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' };
  run(python, ['app.py'], { cwd: folder, env: { ...process.env, ...variables } });
  const template = JSON.parse(readFileSync(join(out, 'Mirrors.template.json'), 'utf8'));
  const types = new Set(Object.values(template.Resources).map(({ Type }) => Type));
  const missing = EXPECTED.filter((type) => !types.has(type));
  if (missing.length > 0) throw new Error(`the template has no ${missing.join(', no ')}`);
  return types.size;
}

const wheel = findWheel();
const python = wheel === undefined ? { missing: 'there is no wheel; npm run package makes it' } : environment();
if ('missing' in python) {
  console.log(`wheel: skipped: ${python.missing}`);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'wheel-'));
  try {
    const types = synthesize(python.python, wheel, folder);
    console.log(`wheel: a Python app synthesizes ${types} types of resources with ${python.remark}`);
  } catch (error) {
    console.error(`wheel: ${error.message}`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
