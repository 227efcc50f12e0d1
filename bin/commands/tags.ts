import { CopyError } from '../../engine/errors';
import { listTags } from '../../engine/list-tags';
import type { Skipped } from '../../lib/model/copy';
import { InvalidValue } from '../../lib/model/invalid';
import { ExitCode } from '../../lib/model/outcome';
import { formatReference, formatRepository, type Repository } from '../../lib/model/reference';
import { explainSelection } from '../../lib/model/tag-selection';
import type { FlagValues } from '../arguments';
import type { Io } from '../io';
import { ARCHIVE_SCHEME, isLocal, parseLocation } from '../location';
import { readMirrors } from '../mirrors';
import { jsonSelectionVoice, lineSelectionVoice, type SelectionVoice } from '../selection-voice';
import { readSettings, type Settings } from '../settings';
import { selectionOf, TAG_FLAGS } from '../tag-flags';
import { type AskedRow, rowsToExplain, standingOf } from '../tag-rows';
import { UsageError } from '../usage';
import { openWorld } from '../world';

/** `ecr-mirror tags SOURCE`, `ecr-mirror tags -f FILE [ROW]`: what a selection of tags keeps and drops, and why. */
export async function tags(words: readonly string[], flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = readSettings(flags, io);
  const voice = settings.json
    ? jsonSelectionVoice(io)
    : lineSelectionVoice(io, { all: flags.all === true, quiet: settings.quiet });
  return typeof flags.file === 'string'
    ? ofFile(flags.file, words, flags, { settings, voice, io })
    : ofSource(words, flags, { settings, voice, io });
}

interface Telling {
  readonly settings: Settings;
  readonly voice: SelectionVoice;
  readonly io: Io;
}

async function ofSource([word]: readonly string[], flags: FlagValues, telling: Telling): Promise<ExitCode> {
  const { settings, voice, io } = telling;
  const source = sourceOf(word, io.cwd);
  const selection = selectionOf(flags);
  const registries = isLocal(source) ? [] : [source.registry];
  const world = await openWorld(settings, io, { registries, byUser: registries }, {});
  try {
    if (source.registry === ARCHIVE_SCHEME) await world.archives.open(source);
    const explained = explainSelection(await listTags(world.stores, source, optionsOf(io)), selection);
    voice.explained({ mirror: formatRepository(source), source, selection }, explained, explained.problem);
    return explained.problem === undefined ? ExitCode.OK : ExitCode.FAILED;
  } finally {
    await world.close();
  }
}

function sourceOf(word: string | undefined, cwd: string): Repository {
  if (word === undefined)
    throw new UsageError('tags: got no source; ecr-mirror tags SOURCE, or tags -f FILE, would do');
  try {
    const reference = parseLocation(word, cwd);
    const { repository, tag, digest } = reference;
    if (tag === undefined && digest === undefined) return repository;
    throw new UsageError(`source: got ${formatReference(reference)}; ${formatRepository(repository)} would do`);
  } catch (error) {
    throw error instanceof InvalidValue ? new UsageError(`source: ${error.message}`) : error;
  }
}

async function ofFile(file: string, [name]: readonly string[], flags: FlagValues, telling: Telling): Promise<ExitCode> {
  const { settings, io } = telling;
  const given = TAG_FLAGS.find((flag) => flags[flag] !== undefined);
  if (given !== undefined) throw new UsageError(`--${given}: got it beside --file, whose rows select; one would do`);
  const { rows, permissions, registries } = await readMirrors(file, io.cwd);
  const wanted = rowsToExplain(rows, name).map((row) => standingOf(row, permissions));
  const world = await openWorld(settings, io, { registries, byUser: [] }, {});
  const lists = new Map<string, Promise<readonly string[]>>();
  const list = (source: Repository) => {
    const key = formatRepository(source);
    const tags = lists.get(key) ?? listTags(world.stores, source, optionsOf(io));
    lists.set(key, tags);
    return tags;
  };
  try {
    let failed = 0;
    for (const row of wanted) failed += (await explainRow(row, list, telling)) ? 0 : 1;
    if (io.signal?.aborted === true) return ExitCode.TRY_AGAIN;
    return failed === 0 ? ExitCode.OK : ExitCode.FAILED;
  } finally {
    await world.close();
  }
}

/** Whether something may be copied by the row. */
async function explainRow(
  row: AskedRow | Skipped,
  list: (source: Repository) => Promise<readonly string[]>,
  { voice, io }: Telling,
): Promise<boolean> {
  if ('reason' in row) {
    voice.failed(row);
    return false;
  }
  const { mirror, source, selection } = row.asked;
  try {
    const explained = explainSelection(await list(source), selection);
    const problem = explained.problem ?? row.tooMany(explained.selected);
    voice.explained(row.asked, explained, problem);
    return problem === undefined;
  } catch (error) {
    if (!(error instanceof CopyError)) throw error;
    const { message: detail, failure: cause, code } = error;
    const at = { mirror, source: { repository: source } };
    if (io.signal?.aborted !== true) voice.failed({ ...at, reason: 'source-failed', detail, cause, code });
    return false;
  }
}

function optionsOf({ signal }: Io) {
  return signal === undefined ? {} : { signal };
}
