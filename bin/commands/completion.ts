import { printableJson, show } from '../../lib/model/invalid';
import { nearMiss } from '../../lib/model/near-miss';
import { ExitCode } from '../../lib/model/outcome';
import type { FlagValues } from '../arguments';
import { bashCompletion } from '../completion/bash';
import { fishCompletion } from '../completion/fish';
import { type CompletedCommand, completedCommands, SHELLS, type Shell } from '../completion/spec';
import { zshCompletion } from '../completion/zsh';
import type { Io } from '../io';
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
    const meant = nearMiss(name, SHELLS) ?? `one of ${SHELLS.join(', ')}`;
    throw new UsageError(`completion: got ${show(name)}; ${meant} would do`);
  }
  const text = MAKERS[shell](completedCommands());
  const file = { event: 'file', path: `ecr-mirror.${shell}`, text };
  io.stdout.write(flags.json === undefined ? text : `${printableJson(JSON.stringify(file))}\n`);
  return ExitCode.OK;
}
