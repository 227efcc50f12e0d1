import { isMap } from '../../lib/model/row-reader';
import { fromDregsy } from './dregsy';
import type { Harvest, Target } from './harvest';
import { fromImageList } from './image-list';
import { fromImageSyncer } from './image-syncer';
import { fromImagesTxt } from './images-txt';
import { fromKubernetes } from './kubernetes';
import { fromRegsync } from './regsync';
import { fromRepositoryTags } from './repository-tags';
import { fromSkopeoSync } from './skopeo-sync';
import { fromTableScan } from './table-scan';

/** A file as text, and the YAML or JSON documents in it. */
export interface Input {
  readonly text: string;
  readonly documents: readonly unknown[];
}

interface Format {
  readonly name: string;
  /** Whether a file is most likely one of this format. */
  readonly is: (input: Input) => boolean;
  readonly read: (input: Input, target: Target, harvest: Harvest) => void;
}

type Map = Readonly<Record<string, unknown>>;

const first = ({ documents }: Input): Map => (isMap(documents[0]) ? documents[0] : {});
const hasList = (map: Map, key: string) => Array.isArray(map[key]);
const SKOPEO_KEYS = ['images', 'images-by-tag-regex', 'images-by-semver'];

/** The formats that are understood; the first that a file looks like is its. */
const FORMATS: readonly Format[] = [
  {
    name: 'table-scan',
    is: (input) =>
      hasList(first(input), 'Items') && isMap((first(input).Items as unknown[])[0]) && 'Count' in first(input),
    read: (input, _target, harvest) => fromTableScan(first(input), harvest),
  },
  {
    name: 'repository-tags',
    is: (input) => hasList(first(input), 'ResourceTagMappingList'),
    read: (input, _target, harvest) => fromRepositoryTags(first(input), harvest),
  },
  {
    name: 'kubernetes',
    is: ({ documents }) => documents.some((one) => isMap(one) && 'apiVersion' in one && 'kind' in one),
    read: ({ documents }, target, harvest) => fromKubernetes(documents, target, harvest),
  },
  {
    name: 'regsync',
    is: (input) => hasList(first(input), 'sync'),
    read: (input, _target, harvest) => fromRegsync(first(input), harvest),
  },
  {
    name: 'dregsy',
    is: (input) => hasList(first(input), 'tasks'),
    read: (input, _target, harvest) => fromDregsy(first(input), harvest),
  },
  {
    name: 'image-list',
    is: (input) => hasList(first(input), 'images'),
    read: (input, target, harvest) => fromImageList(first(input), target, harvest),
  },
  {
    name: 'skopeo-sync',
    is: (input) =>
      Object.values(first(input)).some((part) => isMap(part) && SKOPEO_KEYS.some((key) => isMap(part[key]))),
    read: (input, target, harvest) => fromSkopeoSync(first(input), target, harvest),
  },
  {
    name: 'image-syncer',
    is: (input) => Object.keys(first(input)).some((key) => key === 'images' || key.includes('/')),
    read: (input, target, harvest) => fromImageSyncer(first(input), target, harvest),
  },
  {
    name: 'images-txt',
    is: ({ documents }) => !isMap(documents[0]) && !Array.isArray(documents[0]),
    read: ({ text }, target, harvest) => fromImagesTxt(text, target, harvest),
  },
];

export const FORMAT_NAMES: readonly string[] = FORMATS.map(({ name }) => name);

/** @param name as the user said. @default - the format that the file looks like */
export function formatOf(input: Input, name?: string): Format | undefined {
  return name === undefined ? FORMATS.find(({ is }) => is(input)) : FORMATS.find((one) => one.name === name);
}
