import { formatRepository } from '../../lib/model/reference';
import { quote } from './containerd';
import { CREDENTIALS, type Make } from './kind';

/** containers-registries.conf(5), version 2, for CRI-O, Podman, Buildah and skopeo: an entry a repository. */
export const crio: Make = (places, { fallback, digestsOnly }) => {
  const entries = places.map(({ source, mirror, further }) => {
    const name = quote(formatRepository(source));
    const registry = [
      '[[registry]]',
      `prefix = ${name}`,
      `location = ${name}`,
      ...(fallback ? [] : ['blocked = true']),
    ];
    const mirrors = [mirror, ...further].flatMap((one) => [
      '',
      '[[registry.mirror]]',
      `location = ${quote(formatRepository(one))}`,
      ...(digestsOnly ? ['pull-from-mirror = "digest-only"'] : []),
    ]);
    return [...registry, ...mirrors].join('\n');
  });
  const text = `${['unqualified-search-registries = ["docker.io"]', ...entries].join('\n\n')}\n`;
  return { files: [{ path: 'etc/containers/registries.conf.d/50-ecr-mirror.conf', text }], notes: [CREDENTIALS] };
};
