import { isMap } from '../../lib/model/row-reader';
import { type Entry, type EntryTags, type Harvest, listAt, mapAt } from './harvest';

type Map = Readonly<Record<string, unknown>>;

/**
 * Repositories of Amazon ECR that say by their resource tags what they mirror, as `aws resourcegroupstaggingapi get-resources
 * --resource-type-filters ecr:repository` prints them: `upstream-image`, `upstream-tags`, `ignore-tags`, or `ecr_sync_…`.
 */
export function fromRepositoryTags(document: Map, harvest: Harvest): void {
  for (const [i, value] of listAt(document.ResourceTagMappingList, 'ResourceTagMappingList', harvest).entries()) {
    const where = `ResourceTagMappingList[${i}]`;
    const resource = mapAt(value, where, harvest);
    const destination = repositoryOf(resource.ResourceARN);
    const tags = tagsOf(resource.Tags);
    if (destination === undefined)
      harvest.note(`${where}.ResourceARN`, 'is none of a repository in Amazon ECR: not carried');
    else if (tags.has('upstream-image')) addUpstream(destination, tags, harvest);
    else if (tags.has('ecr_sync_source')) addSynced(destination, tags, harvest);
  }
}

/** `arn:aws:ecr:eu-west-1:123456789012:repository/team/app` */
function repositoryOf(arn: unknown): string | undefined {
  const [, partition, service, region, account, path] =
    /^arn:([\w-]+):(ecr):([\w-]+):(\d{12}):repository\/(.+)$/.exec(String(arn)) ?? [];
  if (service === undefined) return undefined;
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `${account}.dkr.ecr.${region}.${domain}/${path}`;
}

function tagsOf(value: unknown): ReadonlyMap<string, string> {
  const list = Array.isArray(value) ? value.filter(isMap) : [];
  return new Map(list.map(({ Key, Value }) => [String(Key), String(Value ?? '')]));
}

/** Globs parted by `/`, in which `+` stands for `*`, which the values of tags must not have. */
function addUpstream(destination: string, tags: ReadonlyMap<string, string>, harvest: Harvest): void {
  const globs = (name: string) =>
    (tags.get(name) ?? '')
      .split('/')
      .filter((one) => one !== '')
      .map((one) => one.replaceAll('+', '*'));
  const [include, exclude] = [globs('upstream-tags'), globs('ignore-tags')];
  const selection = { include: include.length === 0 ? ['*'] : include, ...(exclude.length === 0 ? {} : { exclude }) };
  harvest.add({ source: tags.get('upstream-image') ?? '', destination, tags: selection });
}

const OPERATORS: Readonly<Record<string, string>> = { '-gt': '>', '-ge': '>=', '-lt': '<', '-le': '<=', '-eq': '=' };

function addSynced(destination: string, tags: ReadonlyMap<string, string>, harvest: Harvest): void {
  const where = `${destination} ecr_sync_`;
  const known = [
    'source',
    'opt',
    'constraint',
    'include_rls',
    'exclude_rls',
    'include_tags',
    'exclude_tags',
    'max_results',
    'release_only',
  ];
  for (const name of tags.keys()) {
    const own = name.startsWith('ecr_sync_') ? name.slice('ecr_sync_'.length) : undefined;
    if (own !== undefined && !known.includes(own)) harvest.note(`${where}${own}`, 'is not carried');
  }
  if (tags.get('ecr_sync_opt') === 'out') {
    harvest.note(`${where}opt`, 'says that it is not mirrored: not carried');
    return;
  }
  const source = tags.get('ecr_sync_source') ?? '';
  const exact = words(tags.get('ecr_sync_include_tags'));
  const rest: Pick<Entry, 'destination'> = { destination };
  if (exact.length > 0) harvest.add({ source, ...rest, tags: { include: exact } });
  const versions = versionsOf(tags, where, harvest);
  if (versions !== undefined || exact.length === 0)
    harvest.add({ source, ...rest, tags: versions ?? { include: ['*'] } });
}

function versionsOf(tags: ReadonlyMap<string, string>, where: string, harvest: Harvest): EntryTags | undefined {
  const [, operator = '', version] = /^(-\w\w)\s+(\S+)$/.exec(tags.get('ecr_sync_constraint') ?? '') ?? [];
  const compare = OPERATORS[operator];
  const include = words(tags.get('ecr_sync_include_rls')).map((word) => `*${word}*`);
  const exclude = [
    ...words(tags.get('ecr_sync_exclude_rls')).map((word) => `*${word}*`),
    ...words(tags.get('ecr_sync_exclude_tags')),
  ];
  const latest = Number(tags.get('ecr_sync_max_results'));
  if (version !== undefined && compare === undefined)
    harvest.note(`${where}constraint`, 'has an operator that is not known: not carried');
  if (tags.has('ecr_sync_release_only'))
    harvest.note(
      `${where}release_only`,
      'is how it is here: a version range takes no pre-release that it does not name',
    );
  const selection = {
    ...(version === undefined || compare === undefined ? {} : { semver: `${compare}${version.replace(/^v/, '')}` }),
    ...(include.length === 0 ? {} : { include }),
    ...(exclude.length === 0 ? {} : { exclude }),
    ...(Number.isInteger(latest) && latest > 0 ? { latest } : {}),
  };
  if (Object.keys(selection).length === 0) return undefined;
  return selection.semver === undefined && include.length === 0 ? { include: ['*'], ...selection } : selection;
}

/** Parted by blanks, or by `/`. */
function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/[\s/]+/).filter((word) => word !== '');
}
