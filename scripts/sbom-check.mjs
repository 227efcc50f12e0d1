/**
 * `npm run sbom`: holds the bill of materials that the build made to CycloneDX's own schema, by their library for Python in a
 * virtual environment. Without Python it says so and ends with 69.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NOT_DONE, virtualEnvironment } from './python.mjs';
import { SBOM } from './sbom.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

const CYCLONEDX = 'cyclonedx-python-lib[json-validation]==11.12.0';
const WITHIN = 60_000;
/** Strict: what the schema does not name is refused. */
const VALIDATE = `
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1], encoding='utf-8').read())
if error:
    sys.exit(str(error).splitlines()[0])
`;

const python = virtualEnvironment('cyclonedx', [CYCLONEDX]);
if (!existsSync(SBOM)) {
  console.error(`sbom: there is no ${SBOM}; npm run build makes it`);
  process.exitCode = 1;
} else if ('missing' in python) {
  console.log(`sbom: not held to the schema: ${python.missing}`);
  process.exitCode = NOT_DONE;
} else {
  const options = { encoding: 'utf8', timeout: WITHIN };
  const { status, stderr } = spawnSync(python.python, ['-c', VALIDATE, SBOM], options);
  const { components, serialNumber } = JSON.parse(readFileSync(SBOM, 'utf8'));
  if (status === 0) console.log(`sbom: ${components.length} components, as CycloneDX 1.6 has them, ${serialNumber}`);
  else {
    console.error(`sbom: ${stderr.trim().split('\n').pop()}`);
    process.exitCode = 1;
  }
}
