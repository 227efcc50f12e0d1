/**
 * `node scripts/lint-templates.mjs`: synthesizes the sample app and the examples and holds their templates to cfn-lint, from PyPI in a virtual
 * environment. Without Python it says so and ends with 69.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NOT_DONE, virtualEnvironment } from './python.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

const CFN_LINT = 'cfn-lint==1.58.0';
const REGIONS = ['us-east-1', 'eu-west-1', 'ap-southeast-2'];
/**
 * CDK says of a function that it depends on its role, which is true twice; and of a VPC in an account that is known it names
 * the zones, which CDK looks up when it may.
 */
const IGNORED = ['W3005', 'W3010'];

const APPS = [join('bin', 'app.ts'), ...readdirSync('examples').map((example) => join('examples', example, 'app.ts'))];

function synthesize(app, folder) {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', app], {
    stdio: 'inherit',
    env: { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify(context) },
  });
  if (status !== 0) throw new Error(`${app} does not synthesize`);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => join(folder, file));
}

const python = virtualEnvironment('cfn-lint', [CFN_LINT]);
if ('missing' in python) {
  console.log(`lint-templates: skipped: ${python.missing}`);
  process.exitCode = NOT_DONE;
} else {
  const folder = mkdtempSync(join(tmpdir(), 'lint-'));
  try {
    const templates = APPS.flatMap((app, number) => synthesize(app, join(folder, String(number))));
    const { status } = spawnSync(
      join(python.bin, 'cfn-lint'),
      ['--regions', ...REGIONS, '--ignore-checks', ...IGNORED, '--', ...templates],
      { stdio: 'inherit' },
    );
    if (status !== 0) throw new Error(`cfn-lint ends with ${status}`);
    console.log(`lint-templates: ${templates.length} without a finding, in ${REGIONS.join(', ')}`);
  } catch (error) {
    console.error(`lint-templates: ${error.message}`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
