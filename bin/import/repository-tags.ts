import { ecrHost } from '../../lib/model/ecr-host';
import { type Entry, type EntryTags, type Harvest, listAt, mapAt } from './harvest';

type Map = Readonly<Record<string, unknown>>;

const MORE = 'says that there are more repositories, which are not in the file: all pages would do';

/**
 * Repositories of Amazon ECR that say by their resource tags what they mirror, as `aws resourcegroupstaggingapi get-resources
 * --resource-type-filters ecr:repository` prints them: `upstream-image`, `upstream-tags`, `ignore-tags`, or `ecr_sync_…`.
 */
export function fromRepositoryTags(document: Map, harvest: Harvest): void {
  harvest.noteKeys(document, '', {
    ResourceTagMappingList: undefined,
    ResponseMetadata: undefined,
    PaginationToken: isSaid(document.PaginationToken) ? MORE : undefined,
  });
  for (const [i, value] of listAt(document.ResourceTagMappingList, 'ResourceTagMappingList', harvest).entries()) {
    const where = `ResourceTagMappingList[${i}]`;
    const resource = mapAt(value, where, harvest);
    harvest.noteKeys(resource, where, { ResourceARN: undefined, Tags: undefined, ComplianceDetails: undefined });
    const destination = repositoryOf(resource.ResourceARN);
    const tags = tagsOf(resource.Tags, `${where}.Tags`, harvest);
    if (destination === undefined)
      harvest.note(`${where}.ResourceARN`, 'is none of a repository in Amazon ECR: not carried');
    else if (tags.has('upstream-image')) addUpstream(destination, tags, harvest);
    else if (tags.has('ecr_sync_source')) addSynced(destination, tags, harvest);
    else if (tags.has('upstream-tags') || tags.has('ignore-tags'))
      harvest.note(destination, 'has tags of a mirror, and no upstream-image: not carried');
  }
}

/** `arn:aws:ecr:eu-west-1:123456789012:repository/team/app` */
function repositoryOf(arn: unknown): string | undefined {
  const [, region = '', account = '', path] =
    /^arn:[\w-]+:ecr:([\w-]+):(\d{12}):repository\/(.+)$/.exec(String(arn)) ?? [];
  const host = ecrHost(account, region);
  return host === undefined || path === undefined ? undefined : `${host}/${path}`;
}

function isSaid(token: unknown): boolean {
  return token !== undefined && token !== null && token !== '';
}

function tagsOf(value: unknown, where: string, harvest: Harvest): ReadonlyMap<string, string> {
  const tags = listAt(value, where, harvest).map((one, i) => {
    const tag = mapAt(one, `${where}[${i}]`, harvest);
    harvest.noteKeys(tag, `${where}[${i}]`, { Key: undefined, Value: undefined });
    return [String(tag.Key), String(tag.Value ?? '')] as const;
  });
  return new Map(tags);
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
  if (tags.has('ecr_sync_opt')) harvest.note(`${where}opt`, 'is not known: the repository is mirrored');
  const source = tags.get('ecr_sync_source') ?? '';
  const exact = words(tags.get('ecr_sync_include_tags'));
  const rest: Pick<Entry, 'destination'> = { destination };
  if (exact.length > 0) harvest.add({ source, ...rest, tags: { include: exact } });
  const versions = versionsOf(tags, where, harvest);
  if (versions !== undefined || exact.length === 0)
    harvest.add({ source, ...rest, tags: versions ?? { include: ['*'] } });
}

function versionsOf(tags: ReadonlyMap<string, string>, where: string, harvest: Harvest): EntryTags | undefined {
  const constraint = tags.get('ecr_sync_constraint') ?? '';
  const [, operator = '', version] = /^(-\w\w)\s+(\S+)$/.exec(constraint) ?? [];
  const compare = OPERATORS[operator];
  const include = words(tags.get('ecr_sync_include_rls')).map((word) => `*${word}*`);
  const exclude = [
    ...words(tags.get('ecr_sync_exclude_rls')).map((word) => `*${word}*`),
    ...words(tags.get('ecr_sync_exclude_tags')),
  ];
  const latest = Number(tags.get('ecr_sync_max_results'));
  if (constraint !== '' && compare === undefined)
    harvest.note(`${where}constraint`, 'has an operator that is not known: not carried');
  if (tags.has('ecr_sync_max_results') && !(Number.isInteger(latest) && latest > 0))
    harvest.note(`${where}max_results`, 'is no number of tags: not carried');
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
