import {
  type Entry,
  type EntryTags,
  type Harvest,
  hasTemplate,
  listAt,
  mapAt,
  parted,
  textAt,
  textsAt,
  wholeTag,
} from './harvest';
import { CREDS, DEFAULTS, OF_NO_EFFECT, PRE_RELEASES, SYNC, TOP } from './regsync-keys';

type Map = Readonly<Record<string, unknown>>;

/** regsync's configuration (version 1, or none). */
export function fromRegsync(document: Map, harvest: Harvest): void {
  harvest.noteKeys(document, '', TOP);
  if (document.version !== undefined && document.version !== 1) {
    harvest.note('version', 'is one that is not known here; what follows was read as version 1');
  }
  for (const [i, creds] of listAt(document.creds, 'creds', harvest).entries()) noteCreds(creds, `creds[${i}]`, harvest);
  const defaults = mapAt(document.defaults, 'defaults', harvest);
  harvest.noteKeys(defaults, 'defaults', DEFAULTS);
  for (const [i, one] of listAt(document.sync, 'sync', harvest).entries()) {
    const where = `sync[${i}]`;
    const sync = mapAt(one, where, harvest);
    harvest.noteKeys(sync, where, SYNC);
    addSync(withDefaults(sync, defaults), where, harvest);
  }
}

/** What a part leaves empty is as the defaults say, of what they may say; of the two ways to say when, either one is said. */
function withDefaults(sync: Map, all: Map): Map {
  const { interval, schedule, ...defaults } = Object.fromEntries(
    Object.entries(all).filter(([key]) => Object.hasOwn(DEFAULTS, key)),
  );
  const said = Object.fromEntries(Object.entries(sync).filter(([, value]) => !isEmpty(value)));
  const saysWhen = said.interval !== undefined || said.schedule !== undefined;
  return { ...defaults, ...(saysWhen ? {} : { interval, schedule }), ...said };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function noteCreds(value: unknown, where: string, harvest: Harvest): void {
  const creds = mapAt(value, where, harvest);
  harvest.noteKeys(creds, where, CREDS);
  if (creds.tls === 'disabled') harvest.note(`${where}.tls`, 'plain http is not carried: --plain-http=HOST would do');
  if (creds.tls === 'insecure') harvest.note(`${where}.tls`, 'unverified TLS is not carried: --ca FILE would do');
}

function addSync(sync: Map, where: string, harvest: Harvest): void {
  const source = textAt(sync.source, `${where}.source`, harvest);
  const target = textAt(sync.target, `${where}.target`, harvest);
  const type = textAt(sync.type, `${where}.type`, harvest);
  if (source === undefined || target === undefined) {
    harvest.note(where, 'has no source or no target: not carried');
    return;
  }
  if (hasTemplate(source) || hasTemplate(target)) {
    harvest.note(where, 'has a template, which is not evaluated: not carried; the names themselves would do');
    return;
  }
  const rest = restOf(sync, where, harvest);
  if (type !== 'registry' && sync.repos !== undefined) harvest.note(`${where}.repos`, OF_NO_EFFECT);
  if (type === 'image') {
    for (const key of ['tags', 'tagSets']) if (sync[key] !== undefined) harvest.note(`${where}.${key}`, OF_NO_EFFECT);
    harvest.add({ source, destination: withTag(target, source), ...rest });
    return;
  }
  if (type !== 'repository') {
    const remedy = 'a part of type repository for each of its repositories would do';
    harvest.note(`${where}.type`, type === 'registry' ? `a whole registry is not carried: ${remedy}` : 'is not known');
    return;
  }
  for (const tags of selectionsOf(sync, where, harvest)) harvest.add({ source, destination: target, tags, ...rest });
}

/** A target without a tag is `latest` there, whatever the source's is. */
function withTag(target: string, source: string): string {
  const [to, from] = [parted(target), parted(source)];
  const isLatest = from.digest === undefined && (from.tag ?? 'latest') === 'latest';
  return isLatest || to.tag !== undefined || to.digest !== undefined ? target : `${target}:latest`;
}

/** Sets are alternatives. `tags` is one of them if it says anything. */
function selectionsOf(sync: Map, where: string, harvest: Harvest): readonly EntryTags[] {
  const sets = listAt(sync.tagSets, `${where}.tagSets`, harvest).map((set, i) =>
    tagsOf(set, `${where}.tagSets[${i}]`, harvest),
  );
  const tags = mapAt(sync.tags, `${where}.tags`, harvest);
  const own = tagsOf(tags, `${where}.tags`, harvest);
  const isSaid = ['allow', 'deny', 'semverRange'].some((key) => !isEmpty(tags[key]));
  return isSaid || sets.length === 0 ? [own, ...sets] : sets;
}

/** Its patterns are of whole tags; its ranges are alternatives. */
function tagsOf(value: unknown, where: string, harvest: Harvest): EntryTags {
  const tags = mapAt(value, where, harvest);
  harvest.noteKeys(tags, where, { allow: undefined, deny: undefined, semverRange: undefined });
  const patterns = (key: string) => textsAt(tags[key], `${where}.${key}`, harvest).map(wholeTag);
  const [include, exclude] = [patterns('allow'), patterns('deny')];
  const ranges = textsAt(tags.semverRange, `${where}.semverRange`, harvest);
  if (ranges.length > 0) harvest.note(`${where}.semverRange`, PRE_RELEASES);
  return {
    ...(ranges.length === 0 ? {} : { semver: ranges.join(' || ') }),
    ...(include.length > 0 ? { include } : ranges.length === 0 ? { include: ['*'] } : {}),
    ...(exclude.length === 0 ? {} : { exclude }),
  };
}

function restOf(sync: Map, where: string, harvest: Harvest): Partial<Entry> {
  const platforms = textsAt(sync.platforms ?? sync.platform, `${where}.platforms`, harvest);
  const every = everyOf(sync, where, harvest);
  const types = artifactTypesOf(sync, where, harvest);
  const noReferrers = sync.referrers === false && sync.digestTags !== true;
  if (sync.backup !== undefined) {
    harvest.note(`${where}.backup`, 'the digest before is kept under prev-<tag>-<date>, whatever the template says');
  }
  return {
    ...(platforms.length === 0 ? {} : { platforms }),
    ...(noReferrers ? { referrers: false } : {}),
    ...(types.length === 0 ? {} : { artifactTypes: types }),
    ...(every === undefined ? {} : { every }),
    ...(sync.backup === undefined ? {} : { keepPrevious: true }),
  };
}

/** A schedule wins over an interval. */
function everyOf(sync: Map, where: string, harvest: Harvest): string | undefined {
  const schedule = textAt(sync.schedule, `${where}.schedule`, harvest);
  if (schedule !== undefined) return schedule;
  const interval = textAt(sync.interval, `${where}.interval`, harvest);
  // Go writes minutes as we do, and hours in full: 1h30m.
  return interval?.replace(/(?<=[a-z])0+[ms]/g, '');
}

function artifactTypesOf(sync: Map, where: string, harvest: Harvest): readonly string[] {
  return listAt(sync.referrerFilters, `${where}.referrerFilters`, harvest).flatMap((one, i) => {
    const place = `${where}.referrerFilters[${i}]`;
    const filter = mapAt(one, place, harvest);
    harvest.noteKeys(filter, place, {
      artifactType: undefined,
      annotations: 'annotations are not carried: every referrer of the type goes',
    });
    return filter.artifactType === undefined ? [] : textsAt(filter.artifactType, `${place}.artifactType`, harvest);
  });
}
