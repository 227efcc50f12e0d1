import { notesOf } from './containerd';
import type { Make } from './kind';
import { prefixesOf } from './place';

/** Renovate looks for new versions at the source, of images that are named as they are at the mirror. */
export const renovate: Make = (places) => {
  const { prefixes, others } = prefixesOf(places);
  const registryAliases = Object.fromEntries(
    prefixes.map(({ registry, host, path }) => [[host, path].filter((part) => part !== '').join('/'), registry]),
  );
  const text = `${JSON.stringify({ $schema: 'https://docs.renovatebot.com/renovate-schema.json', registryAliases }, undefined, 2)}\n`;
  return { files: [{ path: 'renovate.json', text }], notes: notesOf(others) };
};
