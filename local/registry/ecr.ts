import type { Clock } from '../../engine/ports';
import { convert } from './convert';
import { newEcrTokens } from './ecr-tokens';
import { Fault } from './fault';
import { isFrozen } from './immutability';
import type { EcrOptions } from './options';
import type { Personality, RegistryCall } from './personality';
import type { RegistryState, RepositorySettings, RepositoryState } from './state';
import { newBuckets, type Quotas } from './throttle';

/** One account and region of Amazon ECR: what its API and its registry share beside the repositories. */
export interface EcrRegistry {
  readonly account: string;
  readonly region: string;
  readonly host: string;
  blobMounting: boolean;
  readonly templates: Map<string, CreationTemplate>;
  /** Base64 of `AWS:<password>`, good for 12 h in this region, whatever the account. */
  authorizationToken(holder?: string): { readonly token: string; readonly expiresAt: number };
  /** Whose it is, where that was said. @throws Fault */
  checkToken(token: string): string | undefined;
  /** Whether it is a token of Amazon ECR, of whatever region and however old. */
  isToken(token: string): boolean;
  /** @throws Fault TOOMANYREQUESTS */
  spend(call: RegistryCall): void;
  /** Sets the quotas anew, as AWS does on request; undefined: no throttling. */
  limit(quotas: Quotas | undefined): void;
}

export interface CreationTemplate {
  /** A prefix without its last slash, or ROOT. */
  readonly prefix: string;
  readonly description?: string;
  readonly appliedFor: readonly string[];
  readonly settings: RepositorySettings;
  readonly customRoleArn?: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function newEcrRegistry(options: EcrOptions, clock: Clock): EcrRegistry {
  const account = options.account ?? '123456789012';
  const region = options.region ?? 'us-east-1';
  const { spend, limit } = newBuckets(options.quotas, clock);
  const tokens = newEcrTokens(account, region, clock);
  return {
    account,
    region,
    host: `${account}.dkr.ecr.${region}.amazonaws.com`,
    blobMounting: options.blobMounting ?? false,
    templates: new Map(),
    authorizationToken: tokens.issue,
    checkToken: tokens.check,
    isToken: tokens.isOne,
    spend,
    limit,
  };
}

/**
 * Amazon ECR behind the registry protocol, as its documentation and those who met it describe it.
 *
 * Does NOT do: IAM and repository policies (whoever has a token may do everything), pull-through caches, replication,
 * scanning, lifecycle actions, Docker schema 1 conversion, conversion of indexes.
 */
export function ecr(base: Personality, ecr: EcrRegistry, state: RegistryState, options: EcrOptions): Personality {
  const where = (name: string) => `repository with name '${name}' in the registry with id '${ecr.account}'`;
  return {
    ...base,
    kind: 'ecr',
    patched: 201,
    singlePost: false,
    cancelsUploads: false,
    deletes: false,
    digestOnGet: false,
    sha512: false,
    minimumPart: options.minimumPart ?? 5 * 1024 * 1024,
    stuckRange: true,
    redirectsBlobs: true,
    tagPages: { usual: 100, most: 1000, opaque: true },
    nameUnknown: (name) =>
      new Fault(
        404,
        'NAME_UNKNOWN',
        `The repository with name '${name}' does not exist in the registry with id '${ecr.account}'`,
      ),
    manifestUnknown: (repository, reference) =>
      new Fault(404, 'MANIFEST_UNKNOWN', `Requested image not found: ${reference} in the ${where(repository.name)}`),
    missing: (repository, kind, digests) =>
      new Fault(
        404,
        'MANIFEST_BLOB_UNKNOWN',
        `${kind === 'blobs' ? 'Layers' : 'Images'} with digests '[${digests.join(', ')}]' required for pushing image into ${where(repository.name)} do not exist`,
      ),
    createOnPush: (name) => createFromTemplate(ecr, state, name),
    checkTag(repository, tag) {
      if (!repository.tags.has(tag) || !isFrozen(repository.settings, tag)) return;
      throw new Fault(400, 'TAG_INVALID', immutableTag(repository.name, tag));
    },
    mayMount: (from, digest) => ecr.blobMounting && isReferenced(from, digest),
    represent: (manifest, byTag, accepted) => convert(manifest, byTag, accepted),
    visible: (manifest) => manifest.archived !== true,
    spend: ecr.spend,
  };
}

export function immutableTag(repository: string, tag: string): string {
  return `The image tag '${tag}' already exists in the '${repository}' repository and cannot be overwritten because the tag is immutable.`;
}

/** The template with the longest prefix decides; without one for pushes there is no repository. */
function createFromTemplate(ecr: EcrRegistry, state: RegistryState, name: string): RepositoryState | undefined {
  const matching = [...ecr.templates.values()]
    .filter((one) => one.prefix === 'ROOT' || name.startsWith(`${one.prefix}/`))
    .filter((one) => one.appliedFor.includes('CREATE_ON_PUSH'))
    .sort((a, b) => specificity(b) - specificity(a));
  return matching[0] && state.create(name, matching[0].settings);
}

function specificity(template: CreationTemplate): number {
  return template.prefix === 'ROOT' ? 0 : template.prefix.length;
}

/** Blobs are mounted from where a committed manifest names them, not from mere uploads. */
function isReferenced(repository: RepositoryState, digest: string): boolean {
  return [...repository.manifests.values()].some(
    ({ parsed }) => parsed.config?.digest === digest || parsed.layers.some((layer) => layer.digest === digest),
  );
}
