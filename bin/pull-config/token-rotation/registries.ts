import { parseEcrHost } from '../../../lib/model/ecr-host';
import type { ParsedRow } from '../../../lib/model/mirror';
import type { Identity, RotatedRegistry } from '../../../lib/model/token-rotation/settings';
import { UsageError } from '../../usage';

/**
 * The registries that tokens are needed for: those of Amazon ECR that rows are mirrored to, and those that are named.
 * Identities end at the partition (commercial, China, GovCloud): one rotation is for one.
 *
 * @throws UsageError where there is none, or where several partitions have registries and no role chooses
 */
export function registriesOf(
  rows: readonly ParsedRow[],
  named: readonly string[],
  identity: Identity,
): { readonly registries: readonly RotatedRegistry[]; readonly notes: readonly string[] } {
  const destinations = rows.flatMap(({ mirror }) => mirror?.destinations ?? []);
  const hosts = [...new Set([...destinations.map(({ repository }) => repository.registry), ...named])].sort();
  const found = hosts.flatMap((host) => {
    const parsed = parseEcrHost(host);
    return parsed === undefined ? [] : [{ host, ...parsed }];
  });
  const partitions = [...new Set(found.map(({ partition }) => partition))];
  const wanted = identity.kind === 'role' ? identity.arn.split(':')[1] : partitions[0];
  if (identity.kind !== 'role' && partitions.length > 1) {
    throw new UsageError(
      `pull-config token-rotation: got registries of the partitions ${partitions.join(', ')}; --role-arn with a role of one, and another --name for the next, would do`,
    );
  }
  const registries = found.filter(({ partition }) => partition === wanted);
  if (registries.length === 0) {
    const which = identity.kind === 'role' ? ` of the partition ${wanted}` : '';
    throw new UsageError(`pull-config token-rotation: got no registry of Amazon ECR${which}; --hosts HOST would do`);
  }
  const foreign = found.filter(({ partition }) => partition !== wanted);
  const others = hosts.filter((host) => parseEcrHost(host) === undefined);
  const notes = [
    ...foreign.map(({ host }) => `${host}: left out, as a role of the partition ${wanted} gets no token for it`),
    ...others.map((host) => `${host}: left out, as it is no registry of Amazon ECR`),
  ];
  return { registries, notes };
}
