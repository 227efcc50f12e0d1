import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { parseEcrHost } from './model/ecr-host';
import { matchesPattern } from './model/permissions';
import { splitPattern } from './patterns';

/** Host of the stack's own Amazon ECR. Account and region may be known at deployment only. */
export function ownRegistry(scope: IConstruct): string {
  const { account, region, urlSuffix } = Stack.of(scope);
  return `${account}.dkr.ecr.${region}.${urlSuffix}`;
}

/**
 * ARNs of the ECR repositories that a pattern covers; none for other registries. A pattern that leaves the registry open
 * (`**`) covers the stack's own account and region: other accounts and regions are to be named.
 *
 * `not` and `only` are accounts: those to leave out, and the one to keep.
 *
 * IAM's `*` goes across slashes, so an ARN may cover more than the pattern; what rows may ask for is the pattern.
 */
export function ecrRepositoryArns(
  scope: IConstruct,
  pattern: string,
  options: { readonly not?: readonly string[]; readonly only?: string } = {},
): string[] {
  const stack = Stack.of(scope);
  const { registry, name } = splitPattern(pattern);
  const resourceName = name.replace(/\*+(?:\/\*+)*/g, '*');
  const place = ecrPlace(registry) ?? (isOpen(registry) ? { account: stack.account, region: stack.region } : undefined);
  // A role of the account stands for it.
  if (place === undefined || options.not?.includes(place.account) === true) return [];
  const { only } = options;
  if (only !== undefined && place.account !== only && place.account !== '*') return [];
  const named = only === undefined ? place : { ...place, account: only };
  return [stack.formatArn({ service: 'ecr', resource: 'repository', resourceName, ...named })];
}

/** Whether some repository of the registry is covered. */
export function coversRegistry(pattern: string, registry: string): boolean {
  return matchesPattern(`${splitPattern(pattern).registry}/**`, { registry, name: 'any' });
}

function isOpen(registry: string): boolean {
  return registry === '*' || registry === '**';
}

const VALUE = String.raw`\$\{Token\[[^\]]*\]\}`;
const HOST = new RegExp(
  `^(${VALUE}|\\*|[0-9]+)\\.dkr[.-]ecr(?:-fips)?\\.(${VALUE}|\\*|[a-z0-9-]+)\\.(${VALUE}|[a-z0-9.-]+)$`,
);
/** A region of each partition, where the pattern leaves the region open. */
const REGIONS = [
  ...['us-east-1', 'cn-north-1', 'us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1', 'us-isof-south-1'],
  'eusc-de-east-1',
];

/** Account and region of an ECR host, each of which may be `*` or known at deployment only. */
export function ecrPlace(registry: string): { account: string; region: string } | undefined {
  const [, account, region, suffix] = HOST.exec(registry) ?? [];
  if (account === undefined || region === undefined || suffix === undefined) return undefined;
  const separator = registry.includes('.dkr-ecr') ? '-' : '.';
  const known = (text: string, standIn: string) => (/^(?:\*|\$.*)$/.test(text) ? standIn : text);
  const isEcr = REGIONS.some((standIn) => {
    const own = known(suffix, separator === '-' ? 'on.aws' : 'amazonaws.com');
    return parseEcrHost(`${known(account, '0'.repeat(12))}.dkr${separator}ecr.${known(region, standIn)}.${own}`);
  });
  return isEcr || suffix.startsWith('$') ? { account, region } : undefined;
}
