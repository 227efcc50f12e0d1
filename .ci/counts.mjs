/** `node .ci/counts.mjs REPORT STATUS`: "passed failed skipped" of a jest report; what was skipped is named on stderr. */
import { existsSync, readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
const passed = report?.numPassedTests ?? 0;
const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
const broken = (report?.numFailedTests ?? 0) + (report?.numRuntimeErrorTestSuites ?? 0);
const failed = broken === 0 && (status !== '0' || report === undefined) ? 1 : broken;

for (const { name, assertionResults } of report?.testResults ?? []) {
  for (const { status: how, fullName } of assertionResults) {
    if (how === 'pending' || how === 'todo') console.error(`skipped: ${name.split('/').pop()}: ${fullName}`);
  }
}
console.log(`${passed} ${failed} ${skipped}`);
