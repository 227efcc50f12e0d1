import { attempt } from '../../../engine/inspect-image';
import { DEFAULT_TAG, formatReference, parseReference } from '../../../lib/model/reference';
import type { RotationSettings } from '../../../lib/model/token-rotation/settings';
import type { FlagValues } from '../../arguments';
import type { Io } from '../../io';
import { readSettings } from '../../settings';
import { openWorld } from '../../world';

/**
 * The settings, with the digests that the tags of their images stand for now: all platforms of them, as whoever pulls picks its own.
 *
 * @throws CopyError where a registry does not say
 */
export async function pinned(settings: RotationSettings, flags: FlagValues, io: Io): Promise<RotationSettings> {
  const registries = [settings.image, settings.awsImage].map((name) => parseReference(name).repository.registry);
  const world = await openWorld(readSettings(flags, io), io, { registries, byUser: registries }, {});
  const pin = async (name: string) => {
    const { repository, tag = DEFAULT_TAG, digest } = parseReference(name);
    if (digest !== undefined) return name;
    const options = io.signal === undefined ? {} : { signal: io.signal };
    const found = await attempt('source', 'resolve', name, () => world.stores(repository).resolve(tag, options));
    return formatReference({ repository, tag, digest: found.digest });
  };
  try {
    return { ...settings, image: await pin(settings.image), awsImage: await pin(settings.awsImage) };
  } finally {
    await world.close();
  }
}
