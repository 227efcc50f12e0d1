/** A pull secret that is to hold tokens. */
export interface PullSecret {
  readonly namespace: string;
  readonly name: string;
  /** Whether it is made where it is missing. */
  readonly create: boolean;
}

/** Who asks Amazon ECR for tokens. */
export type Identity =
  /** The pod itself: EKS Pod Identity, or the role of its node. */
  | { readonly kind: 'ambient' }
  /** A role, by the web identity of the service account. */
  | { readonly kind: 'role'; readonly arn: string }
  /** A secret whose files are a configuration of the AWS CLI, such as for IAM Roles Anywhere. */
  | { readonly kind: 'config'; readonly secret: string }
  /** A secret with an access key. */
  | { readonly kind: 'keys'; readonly secret: string };

/** A registry of Amazon ECR whose token is renewed. */
export interface RotatedRegistry {
  readonly host: string;
  readonly region: string;
  /** Whether the host, and so the endpoint that is asked, is one for FIPS. */
  readonly fips: boolean;
}

export interface RotationSettings {
  /** Of the job, its account and its roles. */
  readonly name: string;
  /** Where the job runs. */
  readonly namespace: string;
  /** Whether the namespace is made, too. */
  readonly ownNamespace: boolean;
  readonly secrets: readonly PullSecret[];
  readonly identity: Identity;
  /** From one run to the next: one of `ROTATION_HOURS`. */
  readonly everyHours: number;
  readonly openshift: boolean;
  readonly argoCd: boolean;
  /** Has Node 20 or later. */
  readonly image: string;
  /** Has a shell and the AWS CLI, version 2. */
  readonly awsImage: string;
}

export const ROTATION_NAME = 'ecr-token-rotation';
export const ROTATION_NAMESPACE = 'ecr-mirror';
export const ROTATION_IMAGE = 'public.ecr.aws/docker/library/node:22-alpine';
export const ROTATION_AWS_IMAGE = 'public.ecr.aws/aws-cli/aws-cli:latest';
/** Tokens are good for 12 hours: when a run fails, the next one is still in time. Parts of a day, as cron has no others. */
export const ROTATION_HOURS: readonly number[] = [1, 2, 3, 4, 6];
export const EVERY_HOURS = 6;

/** What Kubernetes calls a DNS label (RFC 1123): names of namespaces, and of what is made here. */
export const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** What it calls a DNS subdomain: names of secrets. */
export const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
/** Characters that a CronJob's name may have, as its jobs' names get more. */
export const LONGEST_NAME = 52;

/** A token is good for all registries of a region that its identity may use: what one is asked for by, and called. */
export function tokenName({ region, fips }: RotatedRegistry): string {
  return fips ? `${region}-fips` : region;
}
