import { parseArgs } from 'node:util';
import { show } from '../lib/model/invalid';
import { nearMiss } from '../lib/model/near-miss';
import { COMMANDS } from './command-list';
import { type CommandSpec, flagsOf } from './command-spec';
import { FLAGS, type Flag, type FlagName, flag } from './flags';
import { UsageError } from './usage';

/** Flags of a command line: text where they take a value, true where they take none. */
export type FlagValues = Readonly<Partial<Record<FlagName, string | true>>>;

export type Invocation =
  | { readonly kind: 'help'; readonly command?: CommandSpec }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'run';
      readonly command: CommandSpec;
      readonly arguments: readonly string[];
      readonly flags: FlagValues;
    };

/** Reads a command line (without node and script). @throws UsageError */
export function parseCommandLine(argv: readonly string[]): Invocation {
  const [first, ...rest] = argv;
  if (first === undefined || first === '--help' || first === '-h') return { kind: 'help' };
  if (first === '--version') return { kind: 'version' };
  if (first === 'help')
    return rest[0] === undefined ? { kind: 'help' } : { kind: 'help', command: commandNamed(rest[0]) };
  if (first.startsWith('-')) throw new UsageError(`got ${show(first)} before a command; ${commandRemedy()}`);
  return parseCommand(commandNamed(first), rest);
}

function commandNamed(name: string): CommandSpec {
  const found = COMMANDS.find((command) => command.name === name);
  if (found !== undefined) return found;
  const meant = nearMiss(
    name,
    COMMANDS.map((command) => command.name),
  );
  throw new UsageError(`unknown command ${show(name)}; ${meant === undefined ? commandRemedy() : `${meant} would do`}`);
}

function commandRemedy(): string {
  return `one of ${COMMANDS.map(({ name }) => name).join(', ')} would do (ecr-mirror --help)`;
}

function parseCommand(command: CommandSpec, argv: readonly string[]): Invocation {
  const allowed = flagsOf(command).map(flag);
  const { tokens } = parseArgs({
    args: argv.map(withValue),
    options: Object.fromEntries(FLAGS.map(parserOption)),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags: Partial<Record<FlagName, string | true>> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const known = allowed.find(({ name }) => name === token.name);
    if (known === undefined) throw unknownFlag(command, token.rawName, allowed);
    const name = known.name as FlagName;
    const value = flagValue(known, token.rawName, token.value, token.inlineValue === true);
    flags[name] = known.list === true && flags[name] !== undefined ? `${flags[name]},${value}` : value;
  }
  if (flags.help !== undefined) return { kind: 'help', command };
  checkPositionals(command, positionals);
  return { kind: 'run', command, arguments: positionals, flags };
}

/** A flag whose value may be left out has it after `=` or not at all; the parser knows no such thing. */
function withValue(argument: string): string {
  const optional = FLAGS.find((candidate: Flag) => candidate.optional === true && argument === `--${candidate.name}`);
  return optional === undefined ? argument : `${argument}=`;
}

function parserOption(option: Flag): [string, { type: 'string' | 'boolean'; short?: string }] {
  const type = option.value === undefined ? 'boolean' : 'string';
  return [option.name, option.short === undefined ? { type } : { type, short: option.short }];
}

function unknownFlag(command: CommandSpec, rawName: string, allowed: readonly Flag[]): UsageError {
  const meant = nearMiss(
    rawName,
    allowed.map(({ name }) => `--${name}`),
  );
  const remedy = meant === undefined ? `ecr-mirror ${command.name} --help lists them` : `${meant} would do`;
  return new UsageError(`${command.name}: unknown flag ${show(rawName)}; ${remedy}`);
}

function flagValue(known: Flag, rawName: string, value: string | undefined, inline: boolean): string | true {
  if (known.value === undefined) {
    if (value === undefined) return true;
    throw new UsageError(`${rawName}: got ${show(value)}; it takes no value`);
  }
  if (known.optional === true) return value === undefined || value === '' ? true : value;
  // `--file --json`: the value was forgotten.
  if (value === undefined || value === '' || (!inline && value.startsWith('-') && value.length > 1)) {
    throw new UsageError(`${rawName}: got no value; ${rawName} ${known.value} would do`);
  }
  return value;
}

function checkPositionals(command: CommandSpec, positionals: readonly string[]): void {
  const [least, most] = command.arguments;
  if (positionals.length >= least && positionals.length <= most) return;
  const got = positionals.length > most ? show(positionals[most]) : `${positionals.length} of ${least} arguments`;
  throw new UsageError(`${command.name}: got ${got}; ecr-mirror ${command.usage} would do`);
}
