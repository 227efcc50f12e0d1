import { layoutDirectory, layoutImages } from '../../engine/layout';
import { InvalidValue } from '../../lib/model/invalid';
import type { DestinationTemplate, Mirror, Selection } from '../../lib/model/mirror';
import { destinationReference } from '../../lib/model/mirror';
import { ExitCode, exitCodeOf } from '../../lib/model/outcome';
import { formatPlatform, parsePlatform } from '../../lib/model/platform';
import {
  formatReference,
  formatRepository,
  type Reference,
  sameRepository,
  withDefaultTag,
} from '../../lib/model/reference';
import { parseDestination } from '../../lib/model/row-destination';
import type { SignatureRequirement } from '../../lib/model/signature-requirement';
import type { FlagValues } from '../arguments';
import type { Io } from '../io';
import { ARCHIVE_SCHEME, isLocal, parseLocation } from '../location';
import { openReport } from '../report';
import { mirrorRound } from '../round';
import { readSettings } from '../settings';
import { requirementOf } from '../signatures';
import { UsageError } from '../usage';
import type { Counts } from '../voices';
import { openWorld, type World } from '../world';

/** `ecr-mirror copy SOURCE DESTINATION…` */
export async function copy(words: readonly string[], flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = readSettings(flags, io);
  const [sourceText = '', ...destinationTexts] = words;
  const source = named('source', () => parseLocation(sourceText, io.cwd));
  const destinations = readDestinations(destinationTexts, io.cwd);
  const requireSignature = requirementOf(flags, io);
  const registries = [source, ...destinations]
    .filter(({ repository }) => !isLocal(repository))
    .map(({ repository }) => repository.registry);

  const now = () => (io.clock ?? Date).now();
  const report = openReport(io, { json: settings.json, quiet: settings.quiet, now });
  const world = await openWorld(settings, io, { registries, byUser: registries, pullReserve: 0 }, report.observer);
  try {
    await openArchives(world, source, destinations);
    const select = await selectionOf(source, world);
    const mirror = mirrorOf(source, select, destinations, { flags, requireSignature });
    refuseSource(mirror);
    const rows = [{ key: mirror.key, mirror, problems: [] }];
    await mirrorRound({ rows, permissions: EVERYTHING, world, settings, io, report });
    if (report.counts.copied > 0) await saveArchives(world, destinations);
    const exitCode = copyExitCode(report.counts);
    report.close();
    return exitCode;
  } finally {
    await world.close();
  }
}

/** The user's own command line is the authority. */
const EVERYTHING = { sources: ['**'], destinations: ['**'], outward: [] };

function readDestinations(texts: readonly string[], cwd: string): readonly DestinationTemplate[] {
  const written = texts.flatMap((text) => text.split(','));
  return written.map((text) => {
    if (text.trim() === '') throw new UsageError('destination: got nothing; registry/repository:tag would do');
    if (!/^oci(?:-archive)?:/.test(text)) return named('destination', () => parseDestination(text.trim()));
    const { repository, tag, digest } = named('destination', () => parseLocation(text, cwd));
    if (digest !== undefined) throw new UsageError('destination: got a digest; a tag would do');
    return tag === undefined ? { repository } : { repository, tag };
  });
}

/** Says which side a reference that makes no sense was for. */
function named<T>(side: 'source' | 'destination', parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof InvalidValue) throw new UsageError(`${side}: ${error.message}`);
    throw error;
  }
}

/** What the source names; a folder or tar file without a tag must hold just one image. */
async function selectionOf(source: Reference, world: World): Promise<Selection> {
  const { repository } = source;
  if (!isLocal(repository) || source.tag !== undefined || source.digest !== undefined)
    return select(withDefaultTag(source));
  const folder =
    repository.registry === ARCHIVE_SCHEME ? world.archives.folder(repository) : layoutDirectory(repository);
  const images = await layoutImages(folder);
  const [only, ...others] = images.filter((image) => image.tag !== undefined || images.length === 1);
  if (only === undefined || others.length > 0) {
    const tags = images.flatMap(({ tag }) => tag ?? []).slice(0, 5);
    throw new UsageError(
      `source: ${formatRepository(repository)} holds ${images.length} images (${tags.join(', ')}); one of its tags would do`,
    );
  }
  const { tag, descriptor } = only;
  return tag === undefined ? { kind: 'digest', digest: descriptor.digest } : select({ repository, tag });
}

function select({ tag, digest }: Reference): Selection {
  if (digest !== undefined) return { kind: 'digest', digest, ...(tag === undefined ? {} : { tag }) };
  return { kind: 'tag', tag: tag ?? '' };
}

function mirrorOf(
  source: Reference,
  selection: Selection,
  templates: readonly DestinationTemplate[],
  { flags, requireSignature }: { readonly flags: FlagValues; readonly requireSignature?: SignatureRequirement },
): Mirror {
  // A destination written twice is one.
  const distinct = new Map(
    templates.map((template) => [formatReference(destinationReference(template, tagOf(selection))), template]),
  );
  return {
    key: formatReference(source),
    source: source.repository,
    select: selection,
    destinations: [...distinct.values()],
    referrers: flags['no-referrers'] !== true,
    ...platformsOf(flags),
    ...(requireSignature === undefined ? {} : { requireSignature }),
    paused: false,
  };
}

function platformsOf({ platform }: FlagValues): Pick<Mirror, 'platforms'> {
  if (typeof platform !== 'string') return {};
  try {
    const platforms = platform.split(',').map(parsePlatform);
    return { platforms: [...new Map(platforms.map((one) => [formatPlatform(one), one])).values()] };
  } catch (error) {
    if (error instanceof InvalidValue) throw new UsageError(`--platform: ${error.message}`);
    throw error;
  }
}

function tagOf(selection: Selection): Pick<Reference, 'tag' | 'digest'> {
  return selection.kind === 'tags' ? {} : selection;
}

function refuseSource({ source, select, destinations }: Mirror): void {
  for (const template of destinations) {
    const written = destinationReference(template, tagOf(select));
    const { tag } = tagOf(select);
    if (!sameRepository(written.repository, source)) continue;
    if (written.tag !== tag && !(select.kind === 'digest' && template.tag === undefined)) continue;
    throw new UsageError(
      `destination: got ${formatReference(written)}, which is the source itself; another repository or tag would do`,
    );
  }
}

async function openArchives(
  world: World,
  source: Reference,
  destinations: readonly DestinationTemplate[],
): Promise<void> {
  for (const { repository } of [source, ...destinations]) {
    if (repository.registry === ARCHIVE_SCHEME) await world.archives.open(repository);
  }
}

async function saveArchives(world: World, destinations: readonly DestinationTemplate[]): Promise<void> {
  const archives = new Map(
    destinations.flatMap(({ repository }) =>
      repository.registry === ARCHIVE_SCHEME ? [[repository.name, repository] as const] : [],
    ),
  );
  for (const repository of archives.values()) await world.archives.save(repository);
}

/** One image: when nothing went well, the code says why. */
function copyExitCode({ copied, upToDate, failed, left, putOff, causes }: Counts): ExitCode {
  if (left > 0) return ExitCode.TRY_AGAIN;
  if (failed === 0) return putOff > 0 ? ExitCode.TRY_AGAIN : ExitCode.OK;
  const [cause] = causes;
  const alike = cause !== undefined && causes.every((other) => other === cause);
  return copied + upToDate === 0 && alike ? exitCodeOf(cause) : ExitCode.FAILED;
}
