import { selectionsOf } from './dregsy-tags';
import { type Entry, type Harvest, listAt, mapAt, textAt, textsAt } from './harvest';

type Map = Readonly<Record<string, unknown>>;

const CREDENTIALS = 'credentials are not carried: `docker login`, or `credentials` of the construct, would do';
const TOP = {
  relay: 'is not needed: images go from registry to registry',
  skopeo: 'is not needed: images go from registry to registry',
  docker: 'is not needed: images go from registry to registry',
  lister: 'is not needed: no repositories are listed',
  watch: 'is not needed: `serve` takes up a changed file by itself',
  tasks: undefined,
} as const;
const TASK = {
  name: undefined,
  interval: undefined,
  verbose: 'is not carried',
  source: undefined,
  target: undefined,
  mappings: undefined,
};
const LOCATION = {
  registry: undefined,
  auth: CREDENTIALS,
  'auth-refresh': 'is not needed: tokens are renewed before they expire',
  'skip-tls-verify': 'unverified TLS is not carried: --ca FILE, or --plain-http=HOST, would do',
  lister: 'is not needed: no repositories are listed',
} as const;
const MAPPING = {
  from: undefined,
  to: undefined,
  tags: undefined,
  platform: undefined,
  digests: undefined,
  'preserve-digests': 'is how it is here: what is copied is copied bit for bit',
};

/** dregsy's tasks. */
export function fromDregsy(document: Map, harvest: Harvest): void {
  harvest.noteKeys(document, '', TOP);
  for (const [i, value] of listAt(document.tasks, 'tasks', harvest).entries()) {
    const where = `tasks[${i}]`;
    const task = mapAt(value, where, harvest);
    harvest.noteKeys(task, where, TASK);
    const source = registryOf(task.source, `${where}.source`, harvest);
    const target = registryOf(task.target, `${where}.target`, harvest);
    if (source === undefined || target === undefined) continue;
    const every = typeof task.interval === 'number' && task.interval > 0 ? { every: `${task.interval}s` } : {};
    for (const [j, mapping] of listAt(task.mappings, `${where}.mappings`, harvest).entries()) {
      addMapping(mapping, { source, target, every }, `${where}.mappings[${j}]`, harvest);
    }
  }
}

function registryOf(value: unknown, where: string, harvest: Harvest): string | undefined {
  const location = mapAt(value, where, harvest);
  harvest.noteKeys(location, where, LOCATION);
  const registry = textAt(location.registry, `${where}.registry`, harvest);
  if (registry === undefined) harvest.note(where, 'has no registry: its task is not carried');
  return registry;
}

interface Task {
  readonly source: string;
  readonly target: string;
  readonly every: { readonly every?: string };
}

function addMapping(value: unknown, { source, target, every }: Task, where: string, harvest: Harvest): void {
  const mapping = mapAt(value, where, harvest);
  harvest.noteKeys(mapping, where, MAPPING);
  const from = textAt(mapping.from, `${where}.from`, harvest);
  const to = textAt(mapping.to, `${where}.to`, harvest) ?? from;
  if (from === undefined || to === undefined) {
    harvest.note(where, 'has no `from`: not carried');
    return;
  }
  if ([from, to].some((one) => one.startsWith('regex:'))) {
    harvest.note(where, 'matches repositories by a regular expression: not carried; one mapping for each would do');
    return;
  }
  const repository = `${source}/${strip(from)}`;
  const rest: Partial<Entry> = {
    destination: `${target}/${strip(to)}`,
    ...platformOf(mapping.platform, where, harvest),
    ...every,
  };
  for (const digest of textsAt(mapping.digests, `${where}.digests`, harvest)) {
    harvest.add({ source: `${repository}@${digest}`, ...rest });
  }
  const tags = textsAt(mapping.tags, `${where}.tags`, harvest);
  if (tags.length === 0 && mapping.digests !== undefined) return;
  for (const selection of selectionsOf(tags, `${where}.tags`, harvest))
    harvest.add({ source: repository, ...rest, tags: selection });
}

function strip(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

function platformOf(value: unknown, where: string, harvest: Harvest): Pick<Entry, 'platforms'> {
  const platform = textAt(value, `${where}.platform`, harvest);
  if (platform === 'all') return {};
  if (platform !== undefined) return { platforms: [platform] };
  harvest.note(`${where}.platform`, 'is not given: there it means that of the machine, here all of them are mirrored');
  return {};
}
