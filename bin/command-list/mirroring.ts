import type { CommandSpec } from '../command-spec';

/** Commands that mirror, or say what mirroring would do. */
export const MIRRORING: readonly CommandSpec[] = [
  {
    name: 'copy',
    usage: 'copy SOURCE DESTINATION…',
    summary: 'copy one image to any number of destinations',
    arguments: [2, 1000],
    flags: [
      'platform',
      'create-repositories',
      'no-referrers',
      'require-key',
      'require-identity',
      'require-issuer',
      'trusted-root',
    ],
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
    flags: ['file', 'state', 'create-repositories', 'trusted-root', 'junit'],
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
    flags: ['file', 'state', 'sizes', 'detailed-exitcode', 'junit'],
    about: ['Asks registries for digests alone, which no registry counts as a pull.'],
    examples: ['ecr-mirror plan -f mirrors.yaml', 'ecr-mirror plan -f mirrors.yaml --detailed-exitcode --quiet'],
  },
  {
    name: 'verify',
    usage: 'verify -f FILE',
    summary: 'prove that mirrored images are whole, and mend them',
    arguments: [0, 0],
    flags: ['file', 'state', 'repair', 'junit'],
    about: [
      'Looks at each image where it was mirrored to: tag, index, platforms, configs,',
      'layers, and what refers to it. The source is read only for what is lacking, and',
      'only with --repair, which sends it again.',
    ],
    examples: ['ecr-mirror verify -f mirrors.yaml', 'ecr-mirror verify -f mirrors.yaml --repair'],
  },
  {
    name: 'serve',
    usage: 'serve -f FILE',
    summary: 'keep mirroring, each row on its own schedule',
    arguments: [0, 0],
    flags: ['file', 'every', 'state', 'create-repositories', 'trusted-root'],
    about: [
      'Runs until it is told to stop (SIGINT, SIGTERM). A changed file is picked up by',
      'itself. What was mirrored when is kept in a state file, FILE.state.json unless',
      '--state names another.',
    ],
    examples: ['ecr-mirror serve -f mirrors.yaml', 'ecr-mirror serve -f mirrors.yaml --every 15m'],
  },
];
