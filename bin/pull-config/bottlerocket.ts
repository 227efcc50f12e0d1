import { notesOf, quote } from './containerd';
import { CREDENTIALS, type Make } from './kind';
import { prefixesOf } from './place';

/** Bottlerocket's `settings.container-registry.mirrors`, as user data. An endpoint with a path is asked below it, so `/v2` is part of it. */
export const bottlerocket: Make = (places) => {
  const { prefixes, others } = prefixesOf(places);
  const tables = prefixes.map(({ registry, host, path }) => {
    const endpoint = path === '' ? `https://${host}` : `https://${host}/v2/${path}`;
    return [
      '[[settings.container-registry.mirrors]]',
      `registry = ${quote(registry)}`,
      `endpoint = [${quote(endpoint)}]`,
    ].join('\n');
  });
  const notes = ['the source is always asked where a mirror does not answer', CREDENTIALS];
  return {
    files: [{ path: 'bottlerocket.toml', text: `${tables.join('\n\n')}\n` }],
    notes: [...notesOf(others), ...notes],
  };
};
