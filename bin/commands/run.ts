import { invokeAndWait } from '../../aws/invoke-and-wait';
import { readRow } from '../../aws/mirror-table';
import { mapWithin } from '../../engine/gate';
import { show } from '../../lib/model/invalid';
import { ExitCode } from '../../lib/model/outcome';
import type { FlagValues } from '../arguments';
import { parseDuration } from '../duration';
import { followCopies } from '../follow-copies';
import type { Io } from '../io';
import { readReply, tellReply } from '../run-voice';
import { readSettings, type Settings } from '../settings';
import { asking, openStack, type Stack } from '../stack';
import { UsageError } from '../usage';

/** More than a function may take. Milliseconds. */
const LONGEST_INVOCATION = 16 * 60_000;
const DEFAULT_WAIT = '1h';
const READS_AT_ONCE = 16;

/** `ecr-mirror run [SOURCE…]`: has the controller look at all rows, or at some, now. */
export async function run(sources: readonly string[], flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = readSettings(flags, io);
  const dry = flags['dry-run'] === true;
  if (dry && flags.wait !== undefined)
    throw new UsageError('run: got --wait with --dry-run, which starts nothing; one of them would do');
  const wait =
    flags.wait === undefined ? undefined : parseDuration('--wait', flags.wait === true ? DEFAULT_WAIT : flags.wait);
  // An invocation that is asked for again is another run.
  const once: Settings = { ...settings, retry: { ...settings.retry, attempts: 1 } };
  const stack = await openStack('run', flags, once, io, { idleTimeout: LONGEST_INVOCATION });
  try {
    await checkRows(stack, sources);
    const event = { ...(sources.length === 0 ? {} : { sources }), ...(dry ? { dryRun: true } : {}) };
    const returned = await invokeAndWait(stack.clients.lambda(), stack.controller, event);
    const reply = readReply(returned);
    tellReply(reply, settings, io);
    if (reply.kind === 'failed' || reply.kind === 'planned' || wait === undefined) {
      return reply.kind === 'failed' || reply.errors.length > 0 ? ExitCode.FAILED : ExitCode.OK;
    }
    return await followCopies(stack, { sources, run: reply.run, wait, settings }, io);
  } finally {
    stack.close();
  }
}

/** The controller takes a row that is not there for one that was removed. */
async function checkRows({ mirrors }: Stack, sources: readonly string[]): Promise<void> {
  const found = await mapWithin(READS_AT_ONCE, sources, (source) =>
    asking(`read table ${mirrors.name}`, () => readRow(mirrors, source)),
  );
  const unknown = sources.find((_, at) => found[at] === undefined);
  if (unknown !== undefined) {
    throw new UsageError(`run: got ${show(unknown)}, of which there is no row; ecr-mirror list shows them`);
  }
}
