import { wrap } from '../terminal/format';
import { COMMANDS } from './command-list';
import { type CommandSpec, flagsOf } from './command-spec';
import { type FlagName, flag } from './flags';

const WIDTH = 80;

/** Help for all commands, or for one. */
export function helpText(command?: CommandSpec): string {
  return `${(command === undefined ? overview() : commandHelp(command)).join('\n')}\n`;
}

function overview(): string[] {
  const width = Math.max(...COMMANDS.map(({ usage }) => usage.length));
  return [
    'ecr-mirror copies container images between registries, whole and verified.',
    '',
    'Usage: ecr-mirror COMMAND [FLAGS]',
    '',
    ...COMMANDS.flatMap(({ usage, summary }) => {
      const [first, ...rest] = wrap(summary, WIDTH - width - 4);
      return [`  ${usage.padEnd(width)}  ${first}`, ...rest.map((line) => ' '.repeat(width + 4) + line)];
    }),
    '',
    '  --help after a command shows its flags and examples; --version the version.',
    '',
    'Examples:',
    ...COMMANDS.map(({ examples }) => `  ${examples[0]}`),
    '',
    'Credentials come from Docker’s config.json and credential helpers, and for',
    'Amazon ECR from the AWS SDK. HTTPS_PROXY, HTTP_PROXY, NO_PROXY, DOCKER_CONFIG,',
    'NODE_EXTRA_CA_CERTS and NO_COLOR are honoured.',
    '',
    'Exit codes: 0 done, 1 some copies failed, 2 plan --detailed-exitcode found work,',
    '64 usage or data, 69 a registry is unavailable, 70 a fault of this program,',
    '75 stopped before the end, 77 denied.',
  ];
}

function commandHelp(command: CommandSpec): string[] {
  return [
    `Usage: ecr-mirror ${command.usage} [FLAGS]`,
    '',
    ...command.about,
    '',
    'Flags:',
    ...flagsOf(command).flatMap(flagLines),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
  ];
}

function flagLines(name: FlagName): string[] {
  const { short, value, optional, help } = flag(name);
  const dashes = short === undefined ? `--${name}` : `-${short}, --${name}`;
  const shown = value === undefined ? '' : optional === true ? `[=${value}]` : ` ${value}`;
  const [head, rest] = [`  ${dashes}${shown}`, wrap(help, WIDTH - 30)];
  if (head.length < 29) return [`${head.padEnd(30)}${rest[0]}`, ...rest.slice(1).map((line) => ' '.repeat(30) + line)];
  return [head, ...rest.map((line) => ' '.repeat(30) + line)];
}
