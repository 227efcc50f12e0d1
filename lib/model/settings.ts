import type { DestinationMapping } from './mapping';
import type { Permissions } from './permissions';

/**
 * What a deployed construct tells its controller and its worker, as one JSON document in a parameter (a Lambda's
 * environment holds 4 KB in all). The one list of what rows may ask for: the plan, the worker and the IAM policies
 * are made from it.
 */
export interface MirrorSettings {
  readonly permissions: Permissions;
  readonly mapping: DestinationMapping;
  readonly credentials: readonly CredentialSetting[];
}

/** Where the credential of a registry, or of a path in it, is kept. Never the credential itself. */
export interface CredentialSetting {
  /** `docker.io`, `ghcr.io/our-organisation`: a registry, and optionally the first components of a name. */
  readonly for: string;
  /** Whether it may be used for pulling, pushing or both. */
  readonly direction: 'pull' | 'push' | 'both';
  /** ARN of a Secrets Manager secret: `username`/`password`, `username`/`accessToken`, `user:password` or a Docker config.json. */
  readonly secretArn: string;
}
