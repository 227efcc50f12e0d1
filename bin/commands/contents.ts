import { layoutContents } from '../../engine/layout-contents';
import { ExitCode } from '../../lib/model/outcome';
import { openArchives } from '../archive';
import type { FlagValues } from '../arguments';
import type { Io } from '../io';
import { layoutPlace, openForReading } from '../layout-place';
import { isBroken, showContents, tellContents } from '../layout-voice';

/** `ecr-mirror contents oci:DIR`: what a layout holds. Asks nobody. */
export async function contents([text = '']: readonly string[], flags: FlagValues, io: Io): Promise<ExitCode> {
  const place = layoutPlace('source', text, io.cwd);
  const archives = openArchives();
  try {
    const { registry, directory } = await openForReading(place, archives);
    const images = await layoutContents(directory, registry);
    if (flags.json === true) tellContents(images, io);
    else showContents(images, io, flags.quiet === true);
    return images.some(isBroken) ? ExitCode.FAILED : ExitCode.OK;
  } finally {
    await archives.close();
  }
}
