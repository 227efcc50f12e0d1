import { notesOf } from './containerd';
import type { Make } from './kind';
import { prefixesOf } from './prefix';

/** Renovate looks for new versions at the source, of images that are named as they are at the mirror. */
export const renovate: Make = (places, { hosts }) => {
  const { prefixes, others } = prefixesOf(places, hosts);
  const registryAliases = Object.fromEntries(
    prefixes.flatMap(({ registry, endpoints }) =>
      endpoints.map(({ host, path }) => [[host, path].filter((part) => part !== '').join('/'), registry]),
    ),
  );
  const text = `${JSON.stringify({ $schema: 'https://docs.renovatebot.com/renovate-schema.json', registryAliases }, undefined, 2)}\n`;
  return { files: [{ path: 'renovate.json', text }], notes: notesOf(places, others) };
};
