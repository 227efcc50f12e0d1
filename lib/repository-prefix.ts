import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { show } from './model/invalid';
import { PropsInvalid } from './props-invalid';

/** As a prefix: every repository for which nothing with a longer prefix is said. */
export const ROOT = 'ROOT';
const COMPONENT = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`;
const PREFIX = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*/?$`);

/**
 * Checks a prefix of repository names, which Amazon ECR takes to end with a slash. What is known at deployment only passes.
 *
 * @throws Error naming the place, what was got and what would do.
 */
export function checkRepositoryPrefix(place: string, prefix: string, [least, most]: readonly [number, number]): void {
  if (Token.isUnresolved(prefix) || prefix === ROOT) return;
  if (prefix.length >= least && prefix.length <= most && PREFIX.test(prefix)) return;
  throw new PropsInvalid(
    `${place}: got ${show(prefix)}; the first components of a repository's name, ${least} to ${most} characters, or ${ROOT}, would do`,
  );
}

/** What the names of the repositories begin with that a prefix is for: with a slash, or nothing. */
export function pathOf(prefix: string): string {
  return prefix === ROOT ? '' : `${prefix.replace(/\/$/, '')}/`;
}

/** ARN of the repositories of the stack's account and region that a prefix is for. */
export function repositoriesUnder(scope: IConstruct, prefix: string): string {
  return Stack.of(scope).formatArn({ service: 'ecr', resource: 'repository', resourceName: `${pathOf(prefix)}*` });
}
