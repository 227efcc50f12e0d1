import { NotFound } from '../../engine/errors';
import { annotateImages, dropLacking, layoutContents } from '../../engine/layout-contents';
import { type Layout, sweep } from '../../engine/layout-files';
import { isManifest } from '../../lib/model/descriptor';
import type { Digest } from '../../lib/model/digest';
import type { ExitCode } from '../../lib/model/outcome';
import type { FlagValues } from '../arguments';
import { destinationsOf, rowsInto } from '../export-rows';
import { fileFlag, stateFile, tellAboutFile } from '../file-run';
import type { Io } from '../io';
import { layoutPlace, openForReading, openForWriting } from '../layout-place';
import { readMirrors } from '../mirrors';
import { openReport } from '../report';
import { mirrorRound, type Round, roundExitCode } from '../round';
import { fileSightings } from '../seen-file';
import { readSettings } from '../settings';
import { withShelves } from '../shelves';
import { UsageError } from '../usage';
import { openWorld, type World } from '../world';
import { showPlan } from './load';

/** Where an image is to go, by the file that it was exported for. */
const DESTINATIONS = 'io.github.ecr-mirror.destinations';

/** `ecr-mirror export -f FILE -o oci:DIR`: everything that a file selects, in one OCI image layout. */
export async function exportImages(flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = readSettings(flags, io);
  if (typeof flags.output !== 'string') throw new UsageError('export: got no -o; -o oci:DIR would do');
  const place = layoutPlace('--output', flags.output, io.cwd);
  const mirrors = await readMirrors(fileFlag('export', flags), io.cwd);
  const planning = flags['dry-run'] === true;
  const now = () => (io.clock ?? Date).now();
  const report = openReport(io, { json: settings.json, quiet: settings.quiet, planning, now });
  tellAboutFile(mirrors, report);
  const world = await openWorld(settings, io, { registries: mirrors.registries, byUser: [] }, report.observer);
  try {
    const since = await earlierBlobs(flags, world, io);
    const { bookcase, done } = await openForWriting(place, world.archives);
    const elsewhere = since === undefined ? {} : { elsewhere: since };
    if (!planning) await mend({ directory: bookcase.directory, name: bookcase.registry }, since, now());
    const round: Round = {
      rows: rowsInto(bookcase, mirrors.rows),
      permissions: { ...mirrors.permissions, destinations: ['**'] },
      world: { ...world, stores: withShelves(world.stores, { ...bookcase, ...elsewhere }) },
      settings,
      io,
      report,
      sightings: fileSightings(stateFile(flags, mirrors.file, io), planning),
    };
    if (planning) return await showPlan(round);
    await mirrorRound(round);
    const exitCode = roundExitCode(report.counts, io.signal);
    if (report.counts.copied + report.counts.upToDate > 0) await annotate(bookcase.directory, mirrors.rows);
    if (io.signal?.aborted !== true) await done();
    report.close();
    return exitCode;
  } finally {
    await world.close();
  }
}

/** What the layout lists and has not whole any more is copied again. */
async function mend(layout: Layout, since: Earlier | undefined, now: number): Promise<void> {
  try {
    await sweep(layout, now);
    const images = await layoutContents(layout.directory, layout.name);
    await dropLacking(layout.directory, images, (image) => since?.get(repositoryOf(image.name)));
  } catch (error) {
    // There is nothing yet.
    if (!(error instanceof NotFound)) throw error;
  }
}

async function annotate(directory: string, rows: Parameters<typeof destinationsOf>[0]): Promise<void> {
  const placesOf = destinationsOf(rows);
  await annotateImages(directory, (name) => {
    const places = placesOf(name);
    return places.length === 0 ? undefined : { [DESTINATIONS]: places.join(' ') };
  });
}

type Earlier = ReadonlyMap<string, ReadonlySet<Digest>>;

/** The blobs that an earlier export holds, by the repository that they are of: whoever loaded it has them just there. */
async function earlierBlobs({ since }: FlagValues, { archives }: World, io: Io): Promise<Earlier | undefined> {
  if (typeof since !== 'string') return undefined;
  const { registry, directory } = await openForReading(layoutPlace('--since', since, io.cwd), archives);
  const found = new Map<string, Set<Digest>>();
  for (const { name, content, lacks } of await layoutContents(directory, registry)) {
    const held = found.get(repositoryOf(name)) ?? new Set<Digest>();
    found.set(repositoryOf(name), held);
    const absent = new Set(lacks.map(({ digest }) => digest));
    for (const { digest, mediaType } of content) if (!isManifest(mediaType) && !absent.has(digest)) held.add(digest);
  }
  return found;
}

/** `docker.io/library/nginx` of `docker.io/library/nginx:1.27` */
function repositoryOf(name: string): string {
  return name.slice(0, name.lastIndexOf(':'));
}
