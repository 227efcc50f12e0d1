import { show } from '../../lib/model/invalid';
import { ExitCode } from '../../lib/model/outcome';
import type { FlagValues } from '../arguments';
import { bashCompletion } from '../completion/bash';
import { fishCompletion } from '../completion/fish';
import { type CompletedCommand, completedCommands, SHELLS, type Shell } from '../completion/spec';
import { zshCompletion } from '../completion/zsh';
import type { Io } from '../io';
import { tellJsonLine } from '../json-line';
import { oneOf } from '../one-of';
import { UsageError } from '../usage';

const MAKERS: Readonly<Record<Shell, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `ecr-mirror completion SHELL`: a script by which a shell completes commands, flags and their values. It starts nothing. */
export function completion([name = '']: readonly string[], flags: FlagValues, io: Io): ExitCode {
  const shell = SHELLS.find((one) => one === name);
  if (shell === undefined) {
    throw new UsageError(`completion: got ${show(name)}; ${oneOf(name, SHELLS)}`);
  }
  const text = MAKERS[shell](completedCommands());
  if (flags.json === undefined) io.stdout.write(text);
  else tellJsonLine(io, 'file', { path: `ecr-mirror.${shell}`, text });
  return ExitCode.OK;
}
