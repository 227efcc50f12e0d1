import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { show } from '../../lib/model/invalid';
import { ExitCode } from '../../lib/model/outcome';
import { version } from '../../package.json';
import type { FlagValues } from '../arguments';
import { page } from '../html/page';
import type { Io } from '../io';
import { tellJsonLine } from '../json-line';
import { readSettings } from '../settings';
import { UsageError } from '../usage';
import { readStatuses, staleFlag } from './status';

/** `ecr-mirror report -o FILE.html`: how a mirror is, as one page. */
export async function report(flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = readSettings(flags, io);
  const { output } = flags;
  if (typeof output !== 'string' && io.stdout.isTTY === true && !settings.json) {
    throw new UsageError('report: got a terminal to write HTML to; -o report.html would do');
  }
  const { statuses, subject } = await readStatuses('report', flags, settings, io, staleFlag(flags));
  const text = page(statuses, { subject, version });
  if (typeof output !== 'string') {
    if (settings.json) tellJsonLine(io, 'file', { path: 'report.html', text });
    else io.stdout.write(text);
    return ExitCode.OK;
  }
  await write(resolve(io.cwd, output), output, text);
  if (settings.json) tellJsonLine(io, 'file', { path: output });
  else if (!settings.quiet) io.stderr.write(`report written to ${output}\n`);
  return ExitCode.OK;
}

async function write(path: string, name: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `report: write ${show(name)}: got ${code}; a file that this user may write would do`,
      'FILE_FAILED',
    );
  }
}
