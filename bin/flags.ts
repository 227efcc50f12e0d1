/** Every flag there is; commands name those that they take. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** What its value is called in help; without one it takes none. */
  readonly value?: string;
  /** It may be given several times, which is as if it was given once with commas between. */
  readonly list?: boolean;
  /** The value may be left out. */
  readonly optional?: boolean;
  readonly help: string;
}

export const FLAGS = [
  { name: 'file', short: 'f', value: 'FILE', help: 'file of mirrors (YAML or JSON)' },
  { name: 'detailed-exitcode', help: 'exit 2 when there is something to copy' },
  {
    name: 'sizes',
    help: 'read the manifests of what would be copied, to say how many bytes and pulls (each read is a pull)',
  },
  {
    name: 'every',
    value: 'TIME',
    help: 'how often a row without its own `every` is mirrored: 6h, or a cron expression (default 1h)',
  },
  { name: 'state', value: 'FILE', help: 'remembers when each row was mirrored, and honours its `every`' },
  { name: 'junit', value: 'FILE', help: 'write what became of each copy there, as JUnit XML' },
  { name: 'yes', help: 'do it: without this flag it is only said what would be done' },
  { name: 'at-most', value: 'N', help: 'images deleted at most; when there are more, none is (default 100)' },
  { name: 'unused-for', value: 'TIME', help: 'what was pulled or pushed within that time stays (default 30d)' },
  { name: 'regions', value: 'REGION,…', help: 'regions to look for what runs, beside those of the images' },
  { name: 'unseen-ok', help: 'delete although something could not be looked into for what runs' },
  { name: 'platform', value: 'OS/ARCH,…', help: 'only these platforms of the image, such as linux/amd64,linux/arm64' },
  { name: 'repair', help: 'send what is lacking again' },
  { name: 'create-repositories', help: 'create repositories that are missing in Amazon ECR' },
  { name: 'no-referrers', help: 'leave signatures, SBOMs and attestations behind' },
  { name: 'require-key', value: 'FILE', help: 'copy nothing that the key in this file (PEM) has not signed' },
  {
    name: 'require-identity',
    value: 'SUBJECT',
    help: 'copy nothing that this identity has not signed, keyless; /…/ for a regular expression',
  },
  { name: 'require-issuer', value: 'URL', help: 'who vouches for that identity' },
  {
    name: 'trusted-root',
    value: 'FILE',
    help: 'trusted_root.json of the sigstore instance that counts (the public good one where it is not given)',
  },
  { name: 'format', value: 'NAME', help: 'format of the file, where it is not taken for what it is' },
  { name: 'destination', value: 'REGISTRY/PREFIX', help: 'where images go that the file gives no place' },
  { name: 'registry', value: 'HOST,…', list: true, help: 'registries to pull from, the first first' },
  { name: 'no-fallback', help: 'never ask the source where a mirror does not answer' },
  { name: 'digests-only', help: 'mirrors are asked for images by digest alone, not by tag' },
  { name: 'labels', value: 'KEY=VALUE,…', list: true, help: 'labels of what is made, beside its own' },
  { name: 'hosts', value: 'HOST,…', list: true, help: 'registries of Amazon ECR, beside those of the rows' },
  { name: 'secrets', value: 'NAMESPACE/NAME,…', list: true, help: 'pull secrets that hold the tokens' },
  { name: 'openshift', help: 'also the cluster’s own pull secret, and users as OpenShift gives them' },
  { name: 'no-create', help: 'make no secret that is missing' },
  { name: 'namespace', value: 'NAME', help: 'where the job runs (default ecr-mirror)' },
  { name: 'name', value: 'NAME', help: 'what the job is called (default ecr-token-rotation)' },
  { name: 'role-arn', value: 'ARN', help: 'the role that asks for tokens, by the web identity of the job' },
  { name: 'aws-config', value: 'SECRET', help: 'secret with `config` of the AWS CLI, as for IAM Roles Anywhere' },
  { name: 'keys-secret', value: 'SECRET', help: 'secret with an access key, where nothing else can be had' },
  { name: 'image', value: 'IMAGE', help: 'image with Node' },
  { name: 'aws-image', value: 'IMAGE', help: 'image with the AWS CLI' },
  { name: 'pin', help: 'ask which digests the images have now, and name them by those' },
  { name: 'argo-cd', help: 'annotate for Argo CD: waves, and the first job of a rotation as a hook' },
  { name: 'output', short: 'o', value: 'FILE', help: 'write there' },
  { name: 'since', value: 'LAYOUT', help: 'leave out blobs that this earlier export holds' },
  { name: 'stack', value: 'NAME', help: 'the deployed stack; ECR_MIRROR_STACK where it is not given' },
  { name: 'stale', value: 'TIME', help: 'how long a copy may be behind, or not looked at (default 1d)' },
  { name: 'failed', help: 'only copies that failed' },
  { name: 'dry-run', help: 'say what would be done, and do nothing' },
  {
    name: 'wait',
    value: 'TIME',
    optional: true,
    help: 'follow until its copies have ended, at most so long (default 1h)',
  },
  {
    name: 'include',
    value: 'PATTERN,…',
    list: true,
    help: 'only tags that match one of these globs or /regular expressions/',
  },
  { name: 'exclude', value: 'PATTERN,…', list: true, help: 'no tag that matches one of these' },
  { name: 'semver', value: 'RANGE', help: 'only versions within: ">=1.25 <2"' },
  { name: 'latest', value: 'N', help: 'only the newest so many versions' },
  { name: 'min', value: 'N', help: 'fewer selected tags than this is an error' },
  { name: 'all', help: 'show long lists in full' },
  { name: 'expires', value: 'DATE', help: 'until when: 2027-01-31, or epoch seconds' },
  { name: 'row', value: 'JSON', help: 'further attributes of the row, as the table names them: \'{"Every":"6h"}\'' },
  { name: 'force', help: 'also a row that is there already, or that a stack declares' },
  {
    name: 'plain-http',
    value: 'HOST,…',
    optional: true,
    help: 'speak plain http to these registries; without a value, to every one named',
  },
  { name: 'private-hosts', value: 'HOST[:PORT],…', help: 'registries that may be at private or loopback addresses' },
  { name: 'ca', value: 'FILE', help: 'PEM file of certificate authorities to trust beside the system’s' },
  { name: 'profile', value: 'NAME', help: 'AWS profile for Amazon ECR' },
  { name: 'concurrency', value: 'N', help: 'images copied at once (default 24)' },
  { name: 'attempts', value: 'N', help: 'tries of one request (default 5)' },
  { name: 'retry-delay', value: 'TIME', help: 'delay before the second try; doubles from there (default 500ms)' },
  { name: 'max-retry-delay', value: 'TIME', help: 'longest delay, whatever a registry asks for (default 60s)' },
  { name: 'timeout', value: 'TIME', help: 'time without a byte after which a request has failed (default 60s)' },
  { name: 'json', help: 'one JSON document a line, for machines' },
  { name: 'quiet', short: 'q', help: 'say only what failed' },
  { name: 'debug', help: 'show a stack trace when this program itself is at fault' },
  { name: 'help', short: 'h', help: 'show this help' },
] as const satisfies readonly Flag[];

export type FlagName = (typeof FLAGS)[number]['name'];

/** What every command takes. */
export const COMMON_FLAGS: readonly FlagName[] = ['json', 'quiet', 'debug', 'help'];

/** What every command takes that asks somebody. */
export const NETWORK_FLAGS: readonly FlagName[] = [
  'plain-http',
  'private-hosts',
  'ca',
  'profile',
  'concurrency',
  'attempts',
  'retry-delay',
  'max-retry-delay',
  'timeout',
];

export function flag(name: FlagName): Flag {
  return FLAGS.find((candidate) => candidate.name === name) as Flag;
}
