import { ERROR_CODES } from '../../lib/model/errors';
import { COMMANDS } from '../command-list';
import { type CommandSpec, flagsOf } from '../command-spec';
import { DOCTOR_CODES } from '../doctor/codes';
import { type Flag, type FlagName, flag } from '../flags';
import { FORMAT_NAMES } from '../import/formats';
import { KIND_NAMES } from '../pull-config/kinds';

/** The shells whose completion can be made. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** What can stand in a place of the command line, as far as a shell can know it. */
export type Values =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'files' }
  /** `oci:DIR` or `oci-archive:FILE`. */
  | { readonly kind: 'layouts' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

/** One command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** Arguments that are not flags. */
  readonly values: Values;
}

const PLATFORMS = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/386', 'linux/ppc64le', 'linux/s390x'];

const UNKNOWN: Values = { kind: 'unknown' };
const FILES: Values = { kind: 'files' };
const LAYOUTS: Values = { kind: 'layouts' };

const ARGUMENTS: Readonly<Partial<Record<CommandSpec['name'], Values>>> = {
  copy: LAYOUTS,
  contents: LAYOUTS,
  load: LAYOUTS,
  import: FILES,
  'pull-config': words(KIND_NAMES),
  completion: words(SHELLS),
  explain: words([...ERROR_CODES, ...Object.keys(DOCTOR_CODES)]),
};

const BY_FLAG: Readonly<Partial<Record<FlagName, Values>>> = {
  format: words(FORMAT_NAMES),
  platform: words(PLATFORMS),
};

/** The one list of commands, as completion needs it. */
export function completedCommands(): readonly CompletedCommand[] {
  return COMMANDS.map((command) => ({
    name: command.name,
    summary: command.summary,
    flags: flagsOf(command).map(flag),
    values: ARGUMENTS[command.name] ?? UNKNOWN,
  }));
}

/** What a flag takes as the next word; undefined when that is no value of it. */
export function valuesOf({ name, value, optional }: Flag): Values | undefined {
  if (value === undefined || optional === true) return undefined;
  const known = BY_FLAG[name as FlagName];
  if (known !== undefined) return known;
  return value === 'FILE' ? FILES : value === 'LAYOUT' ? LAYOUTS : UNKNOWN;
}

function words(all: readonly string[]): Values {
  return { kind: 'words', words: all };
}
