import type { DestinationMapping } from './mapping';
import type { Permissions } from './permissions';
import { parseRegistry, parseRepository, type Repository } from './reference';
import type { RepositorySetting } from './repository-setting';
import type { TrustedRoot } from './trusted-root';

/**
 * What a deployed construct tells its controller and its worker, as one JSON document in a parameter (a Lambda's
 * environment holds 4 KB in all). The one list of what rows may ask for: the plan, the worker and the IAM policies
 * are made from it.
 */
export interface MirrorSettings {
  readonly permissions: Permissions;
  readonly mapping: DestinationMapping;
  readonly credentials: readonly CredentialSetting[];
  /** Roles in which the ECR registries of other accounts are used, one for an account. @default - none */
  readonly roles?: readonly RoleSetting[];
  /** What the deployment is called in its metrics. @default - no metrics */
  readonly metrics?: string;
  /** Name or ARN of the event bus that is told how copies end. @default - none is */
  readonly eventBus?: string;
  /** How it is verified that what was mirrored is whole. @default - what is lacking is sent again */
  readonly verification?: VerificationSetting;
  /** How the worker creates repositories that are missing. @default - it creates none */
  readonly repositories?: RepositorySetting;
  /** Whose certificates and logs count for keyless signatures. @default - sigstore's public good instance */
  readonly trustedRoot?: TrustedRoot;
}

export interface VerificationSetting {
  /** Whether what is lacking is sent again. @default true */
  readonly repair?: boolean;
  /** Destinations that one run verifies, those whose proof is oldest first. @default 10000 */
  readonly atMost?: number;
}

/** Where the credential of a registry, or of a path in it, is kept. Never the credential itself. */
export type CredentialSetting = CredentialScope & (InSecret | InParameter);

export interface CredentialScope {
  /** `docker.io`, `ghcr.io/our-organisation`: a registry, and optionally the first components of a name. */
  readonly for: string;
  /** Whether it may be used for pulling, pushing or both. */
  readonly direction: 'pull' | 'push' | 'both';
}

/** ARN of a Secrets Manager secret: `username`/`password`, `username`/`accessToken`, `user:password` or a Docker config.json. */
interface InSecret {
  readonly secretArn: string;
  readonly parameterArn?: undefined;
}

/** ARN of an SSM parameter, a SecureString, that holds the same. */
interface InParameter {
  readonly parameterArn: string;
  readonly secretArn?: undefined;
}

/** The role that stands for an account's ECR: the construct names it, a row never does. */
export interface RoleSetting {
  /** Twelve digits. */
  readonly account: string;
  readonly roleArn: string;
  /** @default - none is asked for */
  readonly externalId?: string;
}

/** The role for an account's ECR; undefined for one's own credentials. */
export function roleFor(roles: readonly RoleSetting[] | undefined, account: string): RoleSetting | undefined {
  return roles?.find((role) => role.account === account);
}

/**
 * The credential for a repository: of those for its registry whose path is the beginning of its name, whole components
 * compared, the one with the longest path; at equal length one for just this direction. Undefined for anonymous access.
 * A pull credential never pushes, nor the other way round.
 */
export function credentialFor(
  settings: Pick<MirrorSettings, 'credentials'>,
  repository: Repository,
  access: 'pull' | 'push',
): CredentialSetting | undefined {
  let best: { readonly setting: CredentialSetting; readonly rank: number } | undefined;
  for (const setting of settings.credentials) {
    if (setting.direction !== access && setting.direction !== 'both') continue;
    const { registry, path } = credentialPlace(setting.for);
    const covers = path === '' || repository.name === path || repository.name.startsWith(`${path}/`);
    if (registry !== repository.registry || !covers) continue;
    const rank = 2 * path.length + (setting.direction === access ? 1 : 0);
    if (best === undefined || rank > best.rank) best = { setting, rank };
  }
  return best?.setting;
}

/** Takes a credential's `for` apart. @throws InvalidValue unless it is a registry, or a registry and a path. */
export function credentialPlace(text: string): { readonly registry: string; readonly path: string } {
  const slash = text.indexOf('/');
  const registry = parseRegistry(slash < 0 ? text : text.slice(0, slash));
  if (slash < 0) return { registry, path: '' };
  // Beside a host that is not Docker Hub, so that nothing is put before a path of one component.
  return { registry, path: parseRepository(`registry.invalid/${text.slice(slash + 1)}`, text).name };
}
