import type { FlagName } from './flags';

export interface CommandSpec {
  readonly name:
    | 'copy'
    | 'sync'
    | 'plan'
    | 'serve'
    | 'verify'
    | 'export'
    | 'load'
    | 'contents'
    | 'import'
    | 'tags'
    | 'status'
    | 'list'
    | 'add'
    | 'remove'
    | 'run'
    | 'prune'
    | 'pull-config'
    | 'report';
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
    flags: ['file', 'state', 'create-repositories', 'trusted-root'],
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
    name: 'verify',
    usage: 'verify -f FILE',
    summary: 'prove that mirrored images are whole, and mend them',
    arguments: [0, 0],
    flags: ['file', 'state', 'repair'],
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
    about: ['Asks no registry. Exits with 1 when an image cannot be copied out of it.'],
    examples: ['ecr-mirror contents oci:./images', 'ecr-mirror contents oci-archive:images.tar --json'],
  },
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
  {
    name: 'status',
    usage: 'status [SOURCE…]',
    summary: 'how fresh each copy is: mirrored and checked when, stale since when, and why',
    arguments: [0, 1000],
    flags: ['stack', 'file', 'state', 'stale', 'failed'],
    about: [
      'Reads the tables of a deployed stack, or for a FILE what `sync --state` or',
      '`serve` wrote down. Exits with 1 when a copy failed or is stale for longer than',
      'a day (--stale says otherwise), or when the controller has not run. A SOURCE is',
      'a row, an image, or a repository with all its images.',
    ],
    examples: [
      'ecr-mirror status --stack Images',
      'ecr-mirror status --stale 6h --json',
      'ecr-mirror status nginx --failed',
    ],
  },
  {
    name: 'list',
    usage: 'list [SOURCE…]',
    summary: 'the rows of the table of mirrors, and what is wrong with them',
    arguments: [0, 1000],
    flags: ['stack'],
    about: ['Reads the table of a deployed stack. Exits with 1 when a row is invalid.'],
    examples: ['ecr-mirror list --stack Images', 'ecr-mirror list --json nginx'],
  },
  {
    name: 'add',
    usage: 'add SOURCE [DESTINATION…]',
    summary: 'write a row into the table of mirrors',
    arguments: [0, 1000],
    flags: ['stack', 'file', 'include', 'exclude', 'semver', 'latest', 'min', 'expires', 'row', 'force'],
    about: [
      'The row is read as the controller reads it: one that would be invalid, or that',
      'asks for what the construct does not allow, is not written. Without a',
      'DESTINATION the construct’s mapping says where its images go. With -f FILE all',
      'mirrors of a file become rows: each of them, or none when one may not be.',
    ],
    examples: [
      'ecr-mirror add nginx:1.27 --stack Images',
      'ecr-mirror add -f mirrors.yaml --stack Images',
      'ecr-mirror add docker.io/library/nginx --include 1.* --latest 5 --min 1',
      'ecr-mirror add ghcr.io/org/app:v1 --expires 2027-01-31 --row {"Every":"6h"}',
    ],
  },
  {
    name: 'remove',
    usage: 'remove SOURCE…',
    summary: 'delete rows from the table of mirrors; what they mirrored stays',
    arguments: [1, 1000],
    flags: ['stack', 'force'],
    about: ['A row that a stack declares is removed there; --force removes it all the same.'],
    examples: ['ecr-mirror remove docker.io/library/nginx:1.27 --stack Images'],
  },
  {
    name: 'run',
    usage: 'run [SOURCE…]',
    summary: 'have the controller look at all rows, or at some, now',
    arguments: [0, 1000],
    flags: ['stack', 'dry-run', 'wait'],
    about: [
      'Invokes the controller and prints what it says. All rows are looked at as on',
      'schedule; rows that are named are looked at whatever their Every says.',
    ],
    examples: [
      'ecr-mirror run --stack Images',
      'ecr-mirror run docker.io/library/nginx:1.27 --wait=10m',
      'ecr-mirror run --dry-run --json',
    ],
  },
  {
    name: 'pull-config',
    usage: 'pull-config KIND',
    summary: 'settings for clusters, nodes and tools that pull from the mirrors',
    arguments: [1, 1],
    flags: [
      ...(['file', 'stack', 'registry', 'no-fallback', 'output'] as const),
      ...(['hosts', 'secrets', 'openshift', 'no-create'] as const),
      ...(['namespace', 'name', 'role-arn', 'aws-config', 'keys-secret', 'image', 'aws-image', 'argo-cd'] as const),
    ],
    about: [
      'KIND is openshift, containerd, crio, docker, kyverno, kustomize, helm-values,',
      'renovate, bottlerocket, eks-nodeadm or token-rotation. Made of the rows of a',
      'file or of a deployed stack; no registry is asked. token-rotation is a job that',
      'keeps tokens of Amazon ECR in pull secrets, for clusters whose nodes get none:',
      'flags from --hosts to --argo-cd, and no rows where --hosts says all.',
    ],
    examples: [
      'ecr-mirror pull-config openshift -f mirrors.yaml',
      'ecr-mirror pull-config containerd --stack Images -o node/',
      'ecr-mirror pull-config token-rotation -f mirrors.yaml --secrets apps/ecr',
    ],
  },
  {
    name: 'prune',
    usage: 'prune',
    summary: 'delete what the mirror made and no row wants any more',
    arguments: [0, 0],
    flags: ['stack', 'yes', 'at-most', 'unused-for', 'regions', 'unseen-ok'],
    about: [
      'Without --yes it deletes nothing: it says what would go, and why each of the',
      'others stays. Nothing goes that ECS, Lambda or EKS uses, that was pulled within',
      '--unused-for, that this mirror did not put there, or that belongs to a row which',
      'is paused, wrong, or whose source does not answer. Destinations in Amazon ECR',
      'alone.',
    ],
    examples: [
      'ecr-mirror prune --stack Images',
      'ecr-mirror prune --stack Images --yes --unused-for 90d --regions us-east-1',
    ],
  },
  {
    name: 'report',
    usage: 'report',
    summary: 'how a mirror is, as one HTML page',
    arguments: [0, 0],
    flags: ['stack', 'file', 'state', 'stale', 'output'],
    about: [
      'What failed and is stale first, every copy with when it was mirrored and',
      'checked, what was sent to each repository, and the newest runs. One file that',
      'asks for nothing: it can be mailed, or kept by a job. Without -o it goes to the',
      'standard output.',
    ],
    examples: ['ecr-mirror report --stack Images -o report.html'],
  },
];
