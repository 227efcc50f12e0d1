import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import {
  LOOK_AT_DESTINATION_ACTIONS,
  LOOK_AT_SOURCE_ACTIONS,
  READ_ACTIONS,
  TOKEN_ACTION,
  WRITE_ACTIONS,
} from './model/ecr-actions';
import { isEcrPublic } from './model/ecr-host';
import { coversRegistry, ecrRepositoryArns } from './own-registry';
import { splitPattern } from './patterns';

const PUSH_PUBLIC = [
  'ecr-public:BatchCheckLayerAvailability',
  'ecr-public:CompleteLayerUpload',
  'ecr-public:InitiateLayerUpload',
  'ecr-public:PutImage',
  'ecr-public:UploadLayerPart',
];

/** Controller and worker. */
export interface Parties {
  readonly controller: IGrantable;
  readonly worker: IGrantable;
}

/** Places in registries, and the accounts that give access by a role of theirs: for those nothing else is granted. */
export interface Places {
  readonly patterns: readonly string[];
  readonly accountsByRole: readonly string[];
}

/** Lets both ask for ECR tokens, which say nothing about repositories yet. */
export function grantTokens({ controller, worker }: Parties): void {
  for (const party of [controller, worker]) allow(party, [TOKEN_ACTION], ['*']);
}

/** Lets both take roles of other accounts. */
export function grantRoles({ controller, worker }: Parties, roleArns: readonly string[]): void {
  for (const party of [controller, worker]) allow(party, ['sts:AssumeRole'], [...roleArns]);
}

/** What follows from places that rows may copy from. */
export function grantSources(scope: IConstruct, { controller, worker }: Parties, places: Places): void {
  const arns = arnsOf(scope, places);
  allow(controller, LOOK_AT_SOURCE_ACTIONS, arns);
  allow(worker, READ_ACTIONS, arns);
  grantPublicTokens({ controller, worker }, places.patterns);
}

/** What follows from places that rows may copy to. */
export function grantDestinations(scope: IConstruct, { controller, worker }: Parties, places: Places): void {
  const arns = arnsOf(scope, places);
  allow(controller, LOOK_AT_DESTINATION_ACTIONS, arns);
  allow(worker, WRITE_ACTIONS, arns);
  allow(worker, PUSH_PUBLIC, publicArns(scope, places.patterns));
  grantPublicTokens({ controller, worker }, places.patterns);
}

/** Whether somebody may be of another account, for which a policy of their own does not suffice. */
export function isForeign(scope: IConstruct, { grantPrincipal: { principalAccount } }: IGrantable): boolean {
  if (principalAccount === undefined) return false;
  const compared = Token.compareStrings(principalAccount, Stack.of(scope).account);
  return compared !== TokenComparison.SAME && compared !== TokenComparison.BOTH_UNRESOLVED;
}

function arnsOf(scope: IConstruct, { patterns, accountsByRole }: Places): string[] {
  return patterns.flatMap((pattern) => ecrRepositoryArns(scope, pattern, { not: accountsByRole }));
}

/** Repositories of the stack's own account in Amazon ECR Public: their ARNs lack the alias that their names begin with. */
function publicArns(scope: IConstruct, patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern) => {
    const { registry, name } = splitPattern(pattern);
    if (!isEcrPublic(registry)) return [];
    const [, ...rest] = name.split('/');
    const resourceName = rest.length === 0 ? '*' : rest.join('/').replace(/\*+(?:\/\*+)*/g, '*');
    return [Stack.of(scope).formatArn({ service: 'ecr-public', region: '', resource: 'repository', resourceName })];
  });
}

/** Amazon ECR Public: its limits for who is known are far above those for anonymous access. */
function grantPublicTokens({ controller, worker }: Parties, patterns: readonly string[]): void {
  if (!patterns.some((pattern) => coversRegistry(pattern, 'public.ecr.aws'))) return;
  for (const party of [controller, worker]) {
    allow(party, ['ecr-public:GetAuthorizationToken', 'sts:GetServiceBearerToken'], ['*']);
  }
}

function allow(grantee: IGrantable, actions: string[], resourceArns: string[]): void {
  if (resourceArns.length > 0) Grant.addToPrincipal({ grantee, actions, resourceArns });
}
