import type { FlagName } from './flags';

export interface CommandSpec {
  readonly name: 'copy' | 'sync' | 'plan' | 'serve';
  readonly usage: string;
  readonly summary: string;
  /** Least and most arguments that are not flags. */
  readonly arguments: readonly [number, number];
  /** Beside the common ones. */
  readonly flags: readonly FlagName[];
  /** Lines of help. */
  readonly about: readonly string[];
  readonly examples: readonly string[];
}

/** The commands that exist. Names and flags are those of the design; help and argument parsing are made from this list. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'copy',
    usage: 'copy SOURCE DESTINATION…',
    summary: 'copy one image to any number of destinations',
    arguments: [2, 1000],
    flags: ['no-referrers'],
    about: [
      'Destinations are parted by spaces or commas; one without a tag keeps the',
      'source’s, and {tag} stands for it. Each side is a registry reference,',
      'oci:DIR[:TAG] (a folder in the OCI image layout) or oci-archive:FILE[:TAG] (the',
      'same as a tar file). The source is read once, however many destinations.',
    ],
    examples: [
      'ecr-mirror copy nginx:1.27 123456789012.dkr.ecr.eu-west-1.amazonaws.com/mirror/nginx',
      'ecr-mirror copy ghcr.io/org/app:v1 registry.example.com/app,backup.example.com/app:stable',
      'ecr-mirror copy alpine:3.20 oci:./images:alpine',
    ],
  },
  {
    name: 'sync',
    usage: 'sync -f FILE',
    summary: 'mirror everything that a file names, once',
    arguments: [0, 0],
    flags: ['file', 'state'],
    about: [
      'Copies what is missing or has changed and leaves the rest alone. A row that',
      'fails does not stop the others.',
    ],
    examples: ['ecr-mirror sync -f mirrors.yaml', 'ecr-mirror sync -f mirrors.yaml --json | jq -r .event'],
  },
  {
    name: 'plan',
    usage: 'plan -f FILE',
    summary: 'say what `sync` would copy and why, copying nothing',
    arguments: [0, 0],
    flags: ['file', 'state', 'sizes', 'detailed-exitcode'],
    about: ['Asks registries for digests alone, which no registry counts as a pull.'],
    examples: ['ecr-mirror plan -f mirrors.yaml', 'ecr-mirror plan -f mirrors.yaml --detailed-exitcode --quiet'],
  },
  {
    name: 'serve',
    usage: 'serve -f FILE',
    summary: 'keep mirroring, each row on its own schedule',
    arguments: [0, 0],
    flags: ['file', 'every', 'state'],
    about: [
      'Runs until it is told to stop (SIGINT, SIGTERM). A changed file is picked up by',
      'itself. What was mirrored when is kept in a state file, FILE.state.json unless',
      '--state names another.',
    ],
    examples: ['ecr-mirror serve -f mirrors.yaml', 'ecr-mirror serve -f mirrors.yaml --every 15m'],
  },
];
