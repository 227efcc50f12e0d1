import { type Entry, type EntryTags, type Harvest, hasTemplate, listAt, mapAt, textAt, textsAt } from './harvest';

type Map = Readonly<Record<string, unknown>>;

/** What is carried has no text; what is not says what would do. */
const CREDENTIALS = 'credentials are not carried: `docker login`, or `credentials` of the construct, would do';
const TOP = { version: undefined, creds: undefined, defaults: undefined, sync: undefined };
const CREDS = {
  registry: undefined,
  hostname: 'another host for a registry is not carried: its own name in the mirrors would do',
  user: CREDENTIALS,
  pass: CREDENTIALS,
  token: CREDENTIALS,
  credHelper: 'credential helpers of Docker’s configuration are used as they are; for Amazon ECR none is needed',
  credExpire: 'is not needed: tokens are renewed before they expire',
  credHost: 'is not needed: credentials are found by the registry’s name',
  tls: undefined,
  regcert: 'is not carried: --ca FILE would do',
  clientCert: 'client certificates are not carried',
  clientKey: 'client certificates are not carried',
  pathPrefix: 'is not carried: the path in the mirrors would do',
  mirrors: 'other hosts of a registry are not carried',
  priority: 'other hosts of a registry are not carried',
  repoAuth: 'is not needed: credentials may be for a path of a registry',
  blobChunk: 'is not needed: a blob is sent in one request',
  blobMax: 'is not needed: a blob is sent in one request',
  reqPerSec: 'is not needed: requests slow down where a registry asks for it',
  reqConcurrent: 'is not needed: how many requests are under way follows what a registry can do',
  apiOpts: 'is not carried',
} as const;

/** Of `defaults` and of each part of `sync` alike. */
const POLICY = {
  interval: undefined,
  schedule: undefined,
  backup: undefined,
  referrers: undefined,
  referrerFilters: undefined,
  digestTags: undefined,
  referrerSource: 'is not carried: referrers come from where the image is',
  referrerTarget: 'is not carried: referrers go where the image goes',
  referrerSlow: 'is not needed: the fallback tag is read where a registry lists no referrers',
  fastCheck: 'is not needed: an image that is there costs one request a side',
  forceRecursive: 'is not carried: `ecr-mirror verify --repair` would do',
  includeExternal: 'is not carried: layers that are fetched from elsewhere stay there',
  ratelimit: 'is not needed: what a registry says of its limit is kept to, by all workers together',
  mediaTypes: 'is not carried: every type is mirrored but schema 1',
  hooks: 'is not carried',
} as const;
const DEFAULTS = {
  ...POLICY,
  parallel: 'is not carried: --concurrency N would do',
  cacheCount: 'is not needed',
  cacheTime: 'is not needed',
  skipDockerConfig: 'is not carried: Docker’s configuration is used',
  userAgent: 'is not carried',
  blobLimit: 'is not needed: blobs pass through whatever their size',
} as const;
const SYNC = {
  ...POLICY,
  source: undefined,
  target: undefined,
  type: undefined,
  tags: undefined,
  tagSets: undefined,
  repos: undefined,
  platform: undefined,
  platforms: undefined,
} as const;

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
    addSync({ ...defaults, ...sync }, where, harvest);
  }
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
  if (type === 'image') {
    harvest.add({ source, destination: target, ...rest });
    return;
  }
  if (type !== 'repository') {
    const remedy = 'a part of type repository for each of its repositories would do';
    harvest.note(`${where}.type`, type === 'registry' ? `a whole registry is not carried: ${remedy}` : 'is not known');
    return;
  }
  const selections = [sync.tags, ...listAt(sync.tagSets, `${where}.tagSets`, harvest)].filter(
    (one) => one !== undefined,
  );
  const sets = selections.length === 0 ? [undefined] : selections;
  for (const [i, tags] of sets.entries()) {
    harvest.add({
      source,
      destination: target,
      tags: tagsOf(tags, `${where}.${i === 0 ? 'tags' : 'tagSets'}`, harvest),
      ...rest,
    });
  }
}

/** Its patterns are of whole tags; its ranges are alternatives. */
function tagsOf(value: unknown, where: string, harvest: Harvest): EntryTags {
  const tags = mapAt(value, where, harvest);
  harvest.noteKeys(tags, where, { allow: undefined, deny: undefined, semverRange: undefined });
  const patterns = (key: string) =>
    textsAt(tags[key], `${where}.${key}`, harvest).map((pattern) => `/^(?:${pattern})$/`);
  const [include, exclude] = [patterns('allow'), patterns('deny')];
  const ranges = textsAt(tags.semverRange, `${where}.semverRange`, harvest);
  return {
    ...(ranges.length === 0 ? {} : { semver: ranges.join(' || ') }),
    include: include.length === 0 && ranges.length === 0 ? ['*'] : include.length === 0 ? undefined : include,
    ...(exclude.length === 0 ? {} : { exclude }),
  } as EntryTags;
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
