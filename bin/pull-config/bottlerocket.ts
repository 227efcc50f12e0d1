import { apiOf, notesOf, quote } from './containerd';
import { CREDENTIALS, type Make } from './kind';
import { prefixesOf } from './prefix';

/** Bottlerocket's `settings.container-registry.mirrors`, as user data. An endpoint with a path is asked below it, so `/v2` is part of it. */
export const bottlerocket: Make = (places, { hosts }) => {
  const { prefixes, others } = prefixesOf(places, hosts);
  const tables = prefixes.map(({ registry, endpoints }) =>
    [
      '[[settings.container-registry.mirrors]]',
      `registry = ${quote(registry)}`,
      `endpoint = [${endpoints.map((endpoint) => quote(apiOf(endpoint))).join(', ')}]`,
    ].join('\n'),
  );
  const notes = ['the source is always asked where a mirror does not answer', CREDENTIALS];
  return {
    files: [{ path: 'bottlerocket.toml', text: `${tables.join('\n\n')}\n` }],
    notes: [...notesOf(places, others), ...notes],
  };
};
