/** The keys of regsync's configuration. What is carried has no text; what is not says what would do. */

const CREDENTIALS = 'credentials are not carried: `docker login`, or `credentials` of the construct, would do';
export const OF_NO_EFFECT = 'is of no effect for a part of this type, there as here';
export const PRE_RELEASES =
  'takes pre-releases there, and tags such as 1.2-alpine; here a range names one (>=1.2.0-0), and a line of tags is an include (*-alpine)';
export const TOP = { version: undefined, creds: undefined, defaults: undefined, sync: undefined };
export const CREDS = {
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
export const DEFAULTS = {
  ...POLICY,
  parallel: 'is not carried: --concurrency N would do',
  cacheCount: 'is not needed',
  cacheTime: 'is not needed',
  skipDockerConfig: 'is not carried: Docker’s configuration is used',
  userAgent: 'is not carried',
  blobLimit: 'is not needed: blobs pass through whatever their size',
} as const;
export const SYNC = {
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
