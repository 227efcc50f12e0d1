import type { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { ContainerImage, CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { AccountRole } from './account-role';
import type { RepositorySettings } from './mirror-repository';
import type { MirroredImage, RegistryMapping } from './mirrored-image';
import type { RegistryCredentials } from './registry-credentials';
import type { RepositoryCreation } from './repository-creation';
import type { VerificationProps } from './verification';
import type { WebhooksProps } from './webhooks';

/** A way out: what lies at one place may be pushed to another, in any registry. */
export interface OutwardMirroring {
  /** Pattern of source repositories, such as `123456789012.dkr.ecr.eu-west-1.amazonaws.com/released/**`. */
  readonly from: string;

  /** Pattern of destination repositories, such as `ghcr.io/our-organisation/*`. */
  readonly to: string;
}

/** Everything has a default: `new EcrMirror(this, 'Mirror')` is a mirror whose rows are added later. */
export interface EcrMirrorProps {
  /**
   * Images to mirror: each gets its repository and its row in the table of mirrors.
   *
   * Further rows can be added to the table at any time. A row that is declared here is written at deployment, replacing one
   * with the same key, and removed when it is no longer declared.
   *
   * @default - none
   */
  readonly images?: MirroredImage[];

  /**
   * How long a deployment waits, a minute to an hour, until the images declared here are in their repositories: what depends on
   * the mirror (`service.node.addDependency(mirror)`) then finds them. A deployment waits for the images whose `source` it adds;
   * for one that was declared before it does not, also if its `tags` are others now.
   *
   * It fails when they are not there in time; and at once, with source, destination and error, when a row asks for what it may
   * not have, when its tag is taken, or when a copy failed and its job has no attempt left. For a source that does not answer,
   * or has not got the image yet, it waits as long as it may. For an image that is younger than its `minAge` it does not wait.
   *
   * @default - it does not wait
   */
  readonly waitForImages?: Duration;

  /**
   * When all rows are compared with their destinations.
   *
   * @default - every hour
   */
  readonly schedule?: ScheduleExpression;

  /**
   * Whether there is a schedule. Without one, an image is looked at only when its row changes, when it is pushed to this
   * account's ECR, or when the controller is invoked: events can get lost, and other registries send none.
   *
   * @default true
   */
  readonly scheduleEnabled?: boolean;

  /**
   * Proves on a schedule of its own that every mirrored image is whole at its destination (index, platforms, configs, layers,
   * and what refers to them), and sends again what is not: what a registry's clean-up, an archive or a deletion took.
   *
   * @default - a tag that has the right digest is believed
   */
  readonly verification?: VerificationProps;

  /**
   * A URL that takes webhooks of registries: what was pushed there is mirrored within seconds, where a row wants it. Whoever sends
   * one can have its rows looked at, and nothing else.
   *
   * @default - there is none
   */
  readonly webhooks?: WebhooksProps;

  /**
   * What the names of mirrored repositories begin with.
   *
   * @default 'mirror'
   */
  readonly prefix?: string;

  /**
   * What a source registry is called in the names of mirrored repositories, by its host.
   *
   * @default - `docker.io` is `docker-hub`, `ghcr.io` `ghcr`, `quay.io` `quay`, `registry.k8s.io` `k8s`, `public.ecr.aws`
   * `ecr-public`; others are called by their host
   */
  readonly registryAliases?: { [registry: string]: string };

  /**
   * Whether Docker Hub's `library/` is left out of the names of mirrored repositories. Nodes that pull through a mirror
   * ask for the whole path, with `library/`.
   *
   * @default false
   */
  readonly dropLibrary?: boolean;

  /**
   * Where images go of single source registries, by host, if not where all others go.
   *
   * @default - as `prefix`, `registryAliases` and `dropLibrary` say
   */
  readonly registryMappings?: { [registry: string]: RegistryMapping };

  /**
   * A table of mirrors that is there already, such as that of another mirror: its key is `Source`, of type string, alone. Rows
   * stay as they are. With its stream's ARN, changed rows are mirrored within seconds; without, on schedule.
   *
   * @default - a table of its own
   */
  readonly existingTable?: ITable;

  /**
   * How the repositories of images declared here are kept.
   *
   * @default - scanned on push, tags may move, untagged images expire after 14 days, `removalPolicy` as below
   */
  readonly repositoryDefaults?: RepositorySettings;

  /**
   * Who creates the repositories of rows that are added later, under a prefix of the mirror. They are kept as
   * `repositoryDefaults` says.
   *
   * @default RepositoryCreation.DECLARED - nobody: a row whose repository is missing fails, saying so
   */
  readonly repositoryCreation?: RepositoryCreation;

  /**
   * Whether blobs may be mounted from one repository into another, so that layers which images share are sent once. This is a
   * setting of the whole account in the region; it stays when it is no longer declared.
   *
   * @default false - the setting is left alone
   */
  readonly blobMounting?: boolean;

  /**
   * Whether what the mirror itself reads leaves the time alone at which an image was last pulled, for lifecycle rules that go
   * by it. An account has room for 100 such exclusions in a region; this takes two.
   *
   * @default false
   */
  readonly pullTimeExclusion?: boolean;

  /**
   * Where rows may copy from: patterns of `registry/repository`, with `*` within a path component and `**` across. Images
   * declared here must be covered.
   *
   * In Amazon ECR, `**` gives access to the repositories of the stack's account and region; those of others have to be named.
   *
   * @default - `['**']`: any public registry, any registry with credentials, and the stack's own ECR
   */
  readonly allowedSources?: string[];

  /**
   * Where rows may copy to: patterns as in `allowedSources`. The repositories of images declared here are always allowed.
   *
   * @default - the own registry under `prefix`, nothing else
   */
  readonly allowedDestinations?: string[];

  /**
   * What may be pushed outward, to where. These pairs are allowed beside `allowedSources` and `allowedDestinations`.
   *
   * @default - nothing
   */
  readonly outward?: OutwardMirroring[];

  /**
   * Credentials of registries other than Amazon ECR.
   *
   * @default - anonymous access
   */
  readonly credentials?: RegistryCredentials[];

  /**
   * Roles in which the Amazon ECR of other accounts is used, one for an account, whatever the region. What rows may ask for
   * there is what `allowedSources`, `allowedDestinations` and `outward` say.
   *
   * @default - policies of the repositories there have to give access to the roles of controller and worker
   */
  readonly accountRoles?: AccountRole[];

  /**
   * Where workers run. The controller is outside of it, so sources have to be reachable from there too.
   *
   * @default - a network of its own: two public subnets, no NAT gateway, nothing that costs while idle
   */
  readonly vpc?: IVpc;

  /**
   * Which subnets of `vpc`. In public ones the workers get public addresses.
   *
   * @default - private subnets with a way out, if there are any
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Security groups of the workers.
   *
   * @default - one for each compute environment, which lets everything out and nothing in
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * Whether `vpc` gets endpoints for what workers need of AWS, so that those in private subnets reach it without a NAT
   * gateway: for Amazon ECR, logs, parameters, secrets and roles where they are used (each costs by the hour and zone), for
   * Amazon S3 and DynamoDB (which cost nothing). Registries outside of the region still need a way out.
   *
   * @default false
   */
  readonly vpcEndpoints?: boolean;

  /**
   * Whether workers run on Fargate Spot first, and On-Demand after it.
   *
   * @default true
   */
  readonly spot?: boolean;

  /**
   * Processor architecture of the workers. It has nothing to do with the architectures of the images they copy.
   *
   * @default CpuArchitecture.ARM64
   */
  readonly architecture?: CpuArchitecture;

  /**
   * CPU units of a worker; 1024 are one vCPU.
   *
   * @default 512
   */
  readonly cpu?: number;

  /**
   * Memory of a worker. Fargate offers certain sizes for each `cpu`. Images pass through; their size does not matter.
   *
   * @default Size.gibibytes(1)
   */
  readonly memory?: Size;

  /**
   * Ephemeral storage of a worker, 21 to 200 GiB. Images pass through memory and nothing is written, so only a `workerImage`
   * beyond 20 GiB has a use for it.
   *
   * @default - 20 GiB, which Fargate gives without charge
   */
  readonly storage?: Size;

  /**
   * Most vCPUs that each of the compute environments may use at a time.
   *
   * @default 256
   */
  readonly maxvCpus?: number;

  /**
   * How long one attempt of a job may take, 60 seconds to 14 days.
   *
   * @default Duration.hours(6)
   */
  readonly timeout?: Duration;

  /**
   * How often a job is attempted in all, 1 to 10. Bad input and missing permissions are not tried again.
   *
   * @default 3
   */
  readonly attempts?: number;

  /**
   * The worker's image, if it is kept elsewhere.
   *
   * @default - built at deployment from what comes with this package
   */
  readonly workerImage?: ContainerImage;

  /**
   * Whether controller and workers say figures from which CloudWatch makes metrics: six for the whole mirror, each paid for by
   * the month.
   *
   * @default false
   */
  readonly metrics?: boolean;

  /**
   * Bus that gets an event for each copy that ended: `Image Mirrored` or `Mirror Failed`, from the source `ecr-mirror`. Their
   * `detail` has `state` (`Mirrored`, `Failed`, `Conflict` or `Quarantined`), `source` and `destination` (`reference`, `repository`, `tag`,
   * the source's `digest`), `bytes`, `seconds`, `job`, and `error` where there is one.
   *
   * A worker tells of a failure at each attempt. Of one that never started or was killed the controller tells, once, when its
   * job has no attempt left.
   *
   * @default - none
   */
  readonly eventBus?: IEventBus;

  /**
   * Whose certificates and logs count for keyless signatures (`requireSignature`): the text of a sigstore instance's
   * `trusted_root.json`, which has to fit into 8 KB with the other settings.
   *
   * @default - sigstore's public good instance, as it was when this version was released
   */
  readonly trustedRoot?: string;

  /**
   * Key that encrypts both tables. The stack's region has to be known (`env`).
   *
   * @default - DynamoDB's own
   */
  readonly encryptionKey?: IKey;

  /**
   * How long the logs of controller and workers are kept, and those of the function that writes declared rows, which all mirrors
   * of a stack share: there the first one's counts.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * What happens to tables, repositories with their images, and logs when they are removed from the stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}
