import type { CommandSpec } from '../command-spec';
import { ASKING } from './asking';
import { CARRYING } from './carrying';
import { DEPLOYED } from './deployed';
import { MIRRORING } from './mirroring';
import { SHELL } from './shell';
import { WRITING } from './writing';

/** The commands that exist, in the order of the help, which is made from this list like the parsing of arguments. */
export const COMMANDS: readonly CommandSpec[] = [
  ...MIRRORING,
  ...CARRYING,
  ...WRITING,
  ...DEPLOYED,
  ...ASKING,
  ...SHELL,
];
