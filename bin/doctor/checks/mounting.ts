import { parseEcrHost } from '../../../lib/model/ecr-host';
import { ecrViews } from '../ecr';
import { type Finding, ok, unknown, unknownBy, warning } from '../finding';
import type { Check } from '../run-checks';

/** Whether destinations take blobs over from their other repositories instead of being sent them again. */
export const checkMounting: Check = {
  code: 'DOCTOR-MOUNTING',
  about: 'blob mounting',
  async look(ground) {
    const views = await ecrViews(ground);
    const ours = await Promise.all(
      views.map(async ({ client, registry, hidden }): Promise<Finding> => {
        const { mountsBlobs } = await import('../../../aws/ecr-settings');
        const why = await hidden();
        if (why !== undefined) return unknown('DOCTOR-MOUNTING', registry, why);
        try {
          if (await mountsBlobs(client)) return ok('DOCTOR-MOUNTING', registry, 'BLOB_MOUNTING is ENABLED');
          return warning(
            'DOCTOR-MOUNTING',
            registry,
            'BLOB_MOUNTING is DISABLED: a blob is sent once for each repository',
          );
        } catch (cause) {
          return unknownBy('DOCTOR-MOUNTING', registry, cause);
        }
      }),
    );
    const others = ground.places.destinations.flatMap(({ repository: { registry } }) =>
      parseEcrHost(registry) === undefined ? [registry] : [],
    );
    const named = [...new Set(others)].join(', ');
    const untold =
      named === ''
        ? []
        : [unknown('DOCTOR-MOUNTING', named, 'whether it mounts blobs shows when the first copy tries it')];
    return [...ours, ...untold];
  },
};
