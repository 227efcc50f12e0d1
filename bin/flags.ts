/** Every flag there is; commands name those that they take. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** What its value is called in help; without one it takes none. */
  readonly value?: string;
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
  { name: 'no-referrers', help: 'leave signatures, SBOMs and attestations behind' },
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
export const COMMON_FLAGS: readonly FlagName[] = [
  'plain-http',
  'private-hosts',
  'ca',
  'profile',
  'concurrency',
  'attempts',
  'retry-delay',
  'max-retry-delay',
  'timeout',
  'json',
  'quiet',
  'debug',
  'help',
];

export function flag(name: FlagName): Flag {
  return FLAGS.find((candidate) => candidate.name === name) as Flag;
}
