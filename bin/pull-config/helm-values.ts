import { stringify } from 'yaml';
import { formatRepository } from '../../lib/model/reference';
import type { Make } from './kind';
import { prefixesOf } from './prefix';

/** Charts have no common way to say where images are; these are the parts of the ways that most have. */
export const helmValues: Make = (places) => {
  const { prefixes, others } = prefixesOf(places.map((place) => ({ ...place, further: [] })));
  const only = prefixes.length === 1 && others.length === 0 ? prefixes[0]?.endpoints[0] : undefined;
  const global =
    only !== undefined
      ? { global: { imageRegistry: [only.host, only.path].filter((part) => part !== '').join('/') } }
      : {};
  const images = Object.fromEntries(
    places.map(({ source, mirror }) => [
      formatRepository(source),
      { image: { registry: mirror.registry, repository: mirror.name } },
    ]),
  );
  return {
    files: [{ path: 'values-ecr-mirror.yaml', text: stringify({ ...global, images }, { lineWidth: 0 }) }],
    notes: ['charts differ: `images` says for each image what a chart’s own value of it has to be'],
  };
};
