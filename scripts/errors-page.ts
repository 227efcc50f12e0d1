import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCTOR_CODES } from '../bin/doctor/codes';
import { ERROR_GROUPS, type ErrorEntry, exitCodesOf, retryOf } from '../lib/model/errors';

/** Writes docs/errors.md from the catalogue; with `--check` it fails when the page says something else. */

export const PAGE = join(__dirname, '..', 'docs', 'errors.md');

const HEAD = `# Errors

<!-- Made from lib/model/errors by \`npm run docs:errors\`. Do not edit. -->

Every error has a code. It is the last word of a line, in brackets; \`code\` in [JSON lines](command-line.md#json-lines), in the logs and in the events of
\`eventBus\`; \`Code\` in the table of copies. Codes are stable: what one means does not change, and none is used again for something else.
\`ecr-mirror explain CODE\` says the same without a network. A registry's own code (\`DENIED\`, \`MANIFEST_UNKNOWN\`) is part of the message.

What becomes of a failure follows from its exit code: 69 and 75 may go away by themselves and are tried again, the others stay until
somebody mends them. A deployed mirror looks at each row again at each run, whatever failed before.
`;

/** The page as it is to be. */
export function errorsPage(): string {
  const groups = ERROR_GROUPS.map(({ title, errors }) => {
    const sections = Object.entries(errors).map(([code, entry]) => section(code, entry));
    return `## ${title}\n\n${sections.join('\n')}`;
  });
  return `${[HEAD, ...groups, doctor()].join('\n')}`;
}

function section(code: string, entry: ErrorEntry): string {
  const { meaning, look, remedy, sides } = entry;
  const exits = exitCodesOf(entry);
  const facts = [
    sides === undefined ? undefined : `Side: ${sides.join(' or ')}.`,
    exits.length === 0 ? undefined : `Exit code: ${exits.join(' or ')}.`,
    retryOf(entry),
  ];
  const lines = [meaning, `**Look here.** ${look}`, `**Do this.** ${remedy}`, facts.filter(Boolean).join(' ')];
  return `### ${code}\n\n${lines.join('\n\n')}\n`;
}

function doctor(): string {
  const rows = Object.entries(DOCTOR_CODES).map(
    ([code, { meaning, remedy }]) => `| \`${code}\` | ${meaning} | ${remedy} |`,
  );
  return `## What doctor finds\n\n| code | meaning | what would do |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function run(isCheck: boolean): void {
  if (!isCheck) writeFileSync(PAGE, errorsPage());
  else if (readFileSync(PAGE, 'utf8') !== errorsPage()) {
    process.stderr.write('docs/errors.md: got another page than the catalogue makes; npm run docs:errors would do\n');
    process.exitCode = 1;
  }
}

if (require.main === module) run(process.argv.includes('--check'));
