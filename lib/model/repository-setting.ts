import { listOf, mapOf, textOf } from './document';
import { parseEcrHost } from './ecr-host';
import { InvalidValue } from './invalid';
import { prefixesOf } from './mapping';
import { matchesPattern } from './permissions';
import type { Repository } from './reference';
import { isMap } from './row-reader';
import { type MirrorSettings, roleFor } from './settings';

/** How the worker keeps a repository that it creates, in the words of Amazon ECR's CreateRepository. */
export interface RepositorySetting {
  readonly scanOnPush: boolean;
  readonly tagMutability: (typeof TAG_MUTABILITIES)[number];
  /** Patterns of tags that the mutability does not hold for. @default - none */
  readonly exclusions?: readonly string[];
  /** ARN of the key that encrypts images. @default - Amazon ECR's own */
  readonly kmsKey?: string;
  /** @default - none */
  readonly tags?: Readonly<Record<string, string>>;
  /** The document of the lifecycle policy. @default - none: images stay */
  readonly lifecyclePolicy?: object;
  /** The document of the repository's policy. @default - none */
  readonly policy?: object;
}

export const TAG_MUTABILITIES = ['MUTABLE', 'IMMUTABLE', 'IMMUTABLE_WITH_EXCLUSION', 'MUTABLE_WITH_EXCLUSION'] as const;

/**
 * How a repository is created that the registry does not know. Undefined when it is not the mirror's to create: unless that was
 * asked for, in Amazon ECR, in the mirror's own account or in one that gives access by a role, under a prefix of the mirror, and
 * where rows may copy to.
 */
export function creationOf(settings: MirrorSettings, repository: Repository): RepositorySetting | undefined {
  const { repositories, permissions, mapping, roles } = settings;
  const account = parseEcrHost(repository.registry)?.account;
  if (repositories === undefined || account === undefined) return undefined;
  const isOwn = account === parseEcrHost(mapping.registry ?? '')?.account || roleFor(roles, account) !== undefined;
  const isUnderPrefix = prefixesOf(mapping).some((prefix) => repository.name.startsWith(`${prefix}/`));
  const places = [...permissions.destinations, ...permissions.outward.map(({ to }) => to)];
  const isAllowed = places.some((pattern) => matchesPattern(pattern, repository));
  return isOwn && isUnderPrefix && isAllowed ? repositories : undefined;
}

/** @throws InvalidValue naming the place in the document, what was got and what would do. */
export function readRepositorySetting(value: unknown): RepositorySetting {
  const what = 'settings repositories';
  const { scanOnPush, tagMutability, exclusions, kmsKey, tags, lifecyclePolicy, policy } = mapOf(value, what, [
    'scanOnPush',
    'tagMutability',
    'exclusions',
    'kmsKey',
    'tags',
    'lifecyclePolicy',
    'policy',
  ]);
  const mutability = TAG_MUTABILITIES.find((one) => one === tagMutability);
  if (typeof scanOnPush !== 'boolean') {
    throw new InvalidValue(`${what}.scanOnPush`, scanOnPush, 'true or false would do');
  }
  if (mutability === undefined) {
    throw new InvalidValue(`${what}.tagMutability`, tagMutability, `${TAG_MUTABILITIES.join(', ')} would do`);
  }
  return {
    scanOnPush,
    tagMutability: mutability,
    ...(exclusions === undefined
      ? {}
      : { exclusions: listOf(exclusions, `${what}.exclusions`).map((one) => textOf(one, `${what}.exclusions`)) }),
    ...(kmsKey === undefined ? {} : { kmsKey: textOf(kmsKey, `${what}.kmsKey`) }),
    ...(tags === undefined ? {} : { tags: readTags(tags) }),
    ...(lifecyclePolicy === undefined ? {} : { lifecyclePolicy: policyOf(lifecyclePolicy, `${what}.lifecyclePolicy`) }),
    ...(policy === undefined ? {} : { policy: policyOf(policy, `${what}.policy`) }),
  };
}

function readTags(value: unknown): Readonly<Record<string, string>> {
  const what = 'settings repositories.tags';
  if (!isMap(value)) throw new InvalidValue(what, value, 'a map from key to value would do');
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, textOf(text, what)] as const));
}

/** Amazon ECR judges what is in it. */
function policyOf(value: unknown, what: string): object {
  if (!isMap(value)) throw new InvalidValue(what, value, 'the document of a policy would do');
  return value;
}
