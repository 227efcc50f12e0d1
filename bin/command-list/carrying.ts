import type { CommandSpec } from '../command-spec';

/** Commands that carry images across an air gap. */
export const CARRYING: readonly CommandSpec[] = [
  {
    name: 'export',
    usage: 'export -f FILE -o LAYOUT',
    summary: 'everything that a file selects as one folder or tar file, for the other side of an air gap',
    arguments: [0, 0],
    flags: ['file', 'output', 'since', 'dry-run', 'trusted-root'],
    about: [
      'LAYOUT is oci:DIR (a folder in the OCI image layout) or oci-archive:FILE (the',
      'same as a tar file). Each blob is in it once; images are called as their',
      'sources. What is there is not read again, so a run that was stopped goes on.',
      '--since leaves out the blobs that an earlier export holds.',
    ],
    examples: [
      'ecr-mirror export -f mirrors.yaml -o oci:./images',
      'ecr-mirror export -f mirrors.yaml -o oci-archive:december.tar --since oci-archive:november.tar',
    ],
  },
  {
    name: 'load',
    usage: 'load LAYOUT',
    summary: 'push what `export` wrote to the destinations of a file, or below a prefix',
    arguments: [1, 1],
    flags: ['file', 'destination', 'create-repositories', 'dry-run', 'trusted-root'],
    about: [
      'With -f FILE the rows of the file say what goes where; --destination puts all',
      'of it below a registry’s prefix. Bytes are verified while they are read; what a',
      'destination holds is not read. Signatures, SBOMs and attestations go too.',
    ],
    examples: [
      'ecr-mirror load oci:./images -f mirrors.yaml',
      'ecr-mirror load oci-archive:december.tar --destination registry.internal/mirror --dry-run',
    ],
  },
  {
    name: 'contents',
    usage: 'contents LAYOUT',
    summary: 'what a folder or tar file of images holds, and whether it is whole',
    arguments: [1, 1],
    flags: [],
    offline: true,
    about: ['Asks no registry. Exits with 1 when an image cannot be copied out of it.'],
    examples: ['ecr-mirror contents oci:./images', 'ecr-mirror contents oci-archive:images.tar --json'],
  },
];
