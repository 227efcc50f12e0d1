import { AwsError } from '../aws/error';
import { DEFAULT_SETTINGS, type RepositorySettings, type TagMutability } from '../registry/state';
import { type Input, optionalEnum, optionalFlag, optionalList, optionalMap, optionalText } from './input';
import { invalidParameter, validation } from './refusals';

const MUTABILITIES: readonly TagMutability[] = [
  'MUTABLE',
  'IMMUTABLE',
  'IMMUTABLE_WITH_EXCLUSION',
  'MUTABLE_WITH_EXCLUSION',
];

/** Tag mutability with its filters, which belong to the two kinds that exclude, 1 to 5 of them. */
export function mutability(input: Input): Pick<RepositorySettings, 'tagMutability' | 'exclusions'> {
  const tagMutability = optionalEnum(input, 'imageTagMutability', MUTABILITIES) ?? 'MUTABLE';
  const filters = optionalList(input, 'imageTagMutabilityExclusionFilters', 1, 5);
  if (tagMutability.endsWith('_WITH_EXCLUSION') !== (filters !== undefined)) {
    throw invalidParameter(
      "imageTagMutabilityExclusionFilters' failed to satisfy constraint: 'filters go with the mutabilities that exclude, and only with them'",
    );
  }
  return { tagMutability, exclusions: (filters ?? []).map(filterText) };
}

function filterText(filter: Input): string {
  const text = optionalText(filter, 'filter') ?? '';
  if (filter.filterType === 'WILDCARD' && /^[0-9a-zA-Z._*-]{1,128}$/.test(text)) return text;
  throw validation(
    "Value at 'imageTagMutabilityExclusionFilters' failed to satisfy constraint: WILDCARD of 1 to 128 letters, digits and ._*-",
  );
}

export function showMutability(settings: RepositorySettings): object {
  const filters = settings.exclusions.map((filter) => ({ filterType: 'WILDCARD', filter }));
  return {
    imageTagMutability: settings.tagMutability,
    ...(filters.length === 0 ? {} : { imageTagMutabilityExclusionFilters: filters }),
  };
}

export function encryption(input: Input): RepositorySettings['encryption'] {
  const given = optionalMap(input, 'encryptionConfiguration');
  if (given === undefined) return DEFAULT_SETTINGS.encryption;
  const encryptionType = optionalEnum(given, 'encryptionType', ['AES256', 'KMS', 'KMS_DSSE']);
  const kmsKey = optionalText(given, 'kmsKey');
  if (encryptionType === undefined)
    throw validation("Value at 'encryptionConfiguration.encryptionType' must not be null");
  if (encryptionType === 'AES256' && kmsKey !== undefined) {
    throw invalidParameter("encryptionConfiguration' failed to satisfy constraint: 'a key goes with KMS only'");
  }
  return { encryptionType, ...(kmsKey === undefined ? {} : { kmsKey }) };
}

/** A key is of the repository's own region. @throws AwsError KmsException */
export function checkKey({ kmsKey }: RepositorySettings['encryption'], region: string): void {
  const [, place] = /^arn:[^:]+:kms:([^:]*):/.exec(kmsKey ?? '') ?? [];
  if (place === undefined || place === region) return;
  throw new AwsError('KmsException', `The key is in ${place}; one in ${region} would do`);
}

export function scanOnPush(input: Input): boolean {
  return optionalFlag(optionalMap(input, 'imageScanningConfiguration') ?? {}, 'scanOnPush') ?? false;
}

/** A list of `{Key, Value}`. */
export function tags(input: Input, key = 'tags'): Record<string, string> {
  const list = optionalList(input, key, 0, 200) ?? [];
  if (list.length > 50) throw new AwsError('TooManyTagsException', 'a resource has at most 50 tags');
  return Object.fromEntries(
    list.map((tag) => {
      const name = optionalText(tag, 'Key');
      if (name === undefined || name === '' || name.startsWith('aws:')) {
        throw new AwsError('InvalidTagParameterException', 'a tag has a key, which does not begin with aws:');
      }
      return [name, optionalText(tag, 'Value') ?? ''];
    }),
  );
}

export function showTags(values: Readonly<Record<string, string>>): object[] {
  return Object.entries(values).map(([Key, Value]) => ({ Key, Value }));
}

/** As much as can be known without carrying it out. */
export function lifecyclePolicy(text: string): string {
  if (text.length > 30_720)
    throw validation("Value at 'lifecyclePolicyText' failed to satisfy constraint: at most 30720");
  const rules = (parse(text) as { rules?: unknown } | undefined)?.rules;
  const valid = Array.isArray(rules) && rules.length >= 1 && rules.length <= 50 && rules.every(isRule);
  const priorities = valid ? new Set(rules.map((rule: { rulePriority: number }) => rule.rulePriority)) : undefined;
  if (valid && priorities?.size === rules.length && !hasTwins(rules)) return text;
  throw invalidParameter(
    "LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: 1 to 50 rules with distinct priorities, each with a selection and an action, one for the untagged images of a storage class'",
  );
}

/** Two rules for untagged images of one storage class. */
function hasTwins(rules: readonly { readonly selection: Input }[]): boolean {
  const untagged = rules.filter(({ selection }) => selection.tagStatus === 'untagged');
  return new Set(untagged.map(({ selection }) => selection.storageClass ?? 'standard')).size < untagged.length;
}

function isRule(rule: unknown): boolean {
  const { rulePriority, selection, action } = (rule ?? {}) as Readonly<Record<string, Input | undefined>>;
  const { tagStatus, countType, tagPrefixList, tagPatternList } = selection ?? {};
  const lists = [tagPrefixList, tagPatternList].filter((list) => list !== undefined).length;
  return (
    Number.isInteger(rulePriority) &&
    ['tagged', 'untagged', 'any'].includes(String(tagStatus)) &&
    (tagStatus === 'tagged' ? lists === 1 : lists === 0) &&
    ['imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled', 'sinceImageTransitioned'].includes(
      String(countType),
    ) &&
    ['expire', 'transition'].includes(String(action?.type))
  );
}

export function policyText(text: string): string {
  if (Array.isArray((parse(text) as { Statement?: unknown } | undefined)?.Statement)) return text;
  throw invalidParameter("PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
