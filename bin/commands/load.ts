import { type LayoutImage, layoutContents } from '../../engine/layout-contents';
import type { ParsedRow } from '../../lib/model/mirror';
import type { ExitCode } from '../../lib/model/outcome';
import type { Permissions } from '../../lib/model/permissions';
import { count } from '../../terminal/format';
import type { FlagValues } from '../arguments';
import { namedImages, rowsBelow, rowsFrom } from '../export-rows';
import { tellAboutFile } from '../file-run';
import type { Io } from '../io';
import { layoutPlace, openForReading } from '../layout-place';
import { type Mirrors, readMirrors } from '../mirrors';
import { openReport, type Report } from '../report';
import { mirrorRound, planRound, type Round, roundExitCode, tellSkipped } from '../round';
import { readSettings } from '../settings';
import { type Bookcase, withShelves } from '../shelves';
import { UsageError } from '../usage';
import { openWorld } from '../world';

/** `ecr-mirror load oci:DIR`: what `export` wrote, to the destinations of a file or below a prefix. */
export async function load([text = '']: readonly string[], flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = readSettings(flags, io);
  const place = layoutPlace('source', text, io.cwd);
  const target = await targetOf(flags, io);
  const planning = flags['dry-run'] === true;
  const now = () => (io.clock ?? Date).now();
  const report = openReport(io, { json: settings.json, quiet: settings.quiet, planning, now });
  if ('rows' in target) tellAboutFile(target, report);
  const named = 'rows' in target ? { registries: target.registries, byUser: [] } : below(target.prefix);
  const world = await openWorld(settings, io, named, report.observer);
  try {
    const bookcase = await openForReading(place, world.archives);
    const images = await layoutContents(bookcase.directory, bookcase.registry);
    const round: Round = {
      rows: rowsOf(bookcase, images, target, report),
      permissions: 'rows' in target ? { ...target.permissions, sources: ['**'] } : EVERYTHING,
      world: { ...world, stores: withShelves(world.stores, bookcase) },
      settings,
      io,
      report,
      // What an earlier export has brought is not in this one.
      thorough: true,
    };
    if (planning) return await showPlan(round);
    await mirrorRound(round);
    const exitCode = roundExitCode(report.counts, io.signal);
    if (report.counts.failed > 0) tellLacking(images, bookcase, report);
    report.close();
    return exitCode;
  } finally {
    await world.close();
  }
}

/** Says what a round would copy. */
export async function showPlan(round: Round): Promise<ExitCode> {
  const { report, io } = round;
  const made = await planRound(round);
  tellSkipped(made, round);
  for (const copy of made.copies) report.plan(copy);
  const exitCode = roundExitCode(report.counts, io.signal);
  report.close();
  return exitCode;
}

/** The user's own command line is the authority. */
const EVERYTHING: Permissions = { sources: ['**'], destinations: ['**'], outward: [] };

type Target = Mirrors | { readonly prefix: string };

async function targetOf({ file, destination }: FlagValues, io: Io): Promise<Target> {
  const named = [file, destination].filter((one) => typeof one === 'string');
  if (named.length === 1 && typeof file === 'string') return readMirrors(file, io.cwd);
  if (named.length === 1 && typeof destination === 'string') return { prefix: destination };
  const got = named.length === 0 ? 'neither -f nor --destination' : 'both -f and --destination';
  throw new UsageError(`load: got ${got}; one of the two would do`);
}

/** Whom the user named, may be at a private address. */
function below(prefix: string) {
  const registries = [prefix.split('/')[0] ?? ''];
  return { registries, byUser: registries };
}

function tellLacking(images: readonly LayoutImage[], { registry }: Bookcase, report: Report): void {
  const lacking = images.filter(({ lacks }) => lacks.length > 0).length;
  if (lacking === 0) return;
  const what = `${count(lacking, 'image')} ${lacking === 1 ? 'lacks' : 'lack'} blobs`;
  report.warn(registry, `${what}; the export before this one would do, loaded first, where it was made with --since`);
}

function rowsOf(
  bookcase: Bookcase,
  contents: readonly LayoutImage[],
  target: Target,
  report: Report,
): readonly ParsedRow[] {
  if ('rows' in target) return rowsFrom(bookcase, target.rows);
  const { images, others } = namedImages(contents.map(({ name }) => name));
  for (const name of others) {
    report.warn(bookcase.registry, `${name} is no full reference; ecr-mirror copy would do, with its destination`);
  }
  if (images.length === 0) {
    throw new UsageError(`${bookcase.registry}: got no image that is named by where it is from; an export would do`);
  }
  return rowsBelow(bookcase, images, target.prefix);
}
