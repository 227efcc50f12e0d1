import type { CommandSpec } from '../command-spec';

/** Commands that help to write rows. */
export const WRITING: readonly CommandSpec[] = [
  {
    name: 'import',
    usage: 'import FILE',
    summary: 'make a file of mirrors of another program’s',
    arguments: [1, 1],
    flags: ['format', 'destination', 'output'],
    about: [
      'Understands images.txt, regsync, skopeo sync, image-syncer, dregsy, lists of',
      'images, Kubernetes manifests, and what the AWS CLI prints of a table or of',
      'repositories’ tags. Says what is not carried over. Evaluates no template and',
      'writes no secret.',
    ],
    examples: [
      'ecr-mirror import regsync.yaml -o mirrors.yaml',
      'ecr-mirror import images.txt --destination registry.example.com/mirror',
    ],
  },
  {
    name: 'tags',
    usage: 'tags SOURCE',
    summary: 'say which tags a selection keeps and drops, and why',
    arguments: [0, 1],
    flags: ['include', 'exclude', 'semver', 'latest', 'min', 'file', 'all'],
    about: [
      'Lists the tags of a repository and applies --semver, --include, --exclude and',
      '--latest in this order, as a row with such tags does; without them all tags are',
      'selected. With -f FILE it explains the rows of the file that select tags, or the',
      'one that is named in place of SOURCE. Exits with 1 when --min is not reached.',
    ],
    examples: [
      "ecr-mirror tags nginx --semver '>=1.25' --latest 5",
      "ecr-mirror tags nginx --include '/^1\\.2[5-9]/' --exclude '*-perl' --all",
      'ecr-mirror tags -f mirrors.yaml docker.io/library/nginx',
    ],
  },
];
