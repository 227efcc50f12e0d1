import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { show } from './model/invalid';
import type { RoleSetting } from './model/settings';
import { PropsInvalid } from './props-invalid';

/** A role in which the mirror uses the Amazon ECR of another account, in any region. */
export interface AccountRole {
  /** The account: twelve digits. */
  readonly account: string;

  /**
   * ARN of a role in that account that trusts the roles of controller and worker. With `RepositoryCreation.BY_WORKER` it creates
   * repositories and sets their policies and tags, too.
   */
  readonly roleArn: string;

  /**
   * What the role's trust policy asks for as `sts:ExternalId`.
   *
   * @default - nothing
   */
  readonly externalId?: string;
}

const ROLE = /^arn:[a-z-]+:iam::(\d{12}):role\/./;

/** @throws Error naming the role, what was got and what would do. What is known at deployment only passes. */
export function checkRoles(scope: IConstruct, roles: readonly AccountRole[]): readonly RoleSetting[] {
  const seen = new Set<string>();
  return roles.map(({ account, roleArn, externalId }, index) => {
    const place = `accountRoles[${index}]`;
    if (!Token.isUnresolved(account)) {
      if (!/^\d{12}$/.test(account))
        throw new PropsInvalid(`${place}: got the account ${show(account)}; twelve digits would do`);
      if (account === Stack.of(scope).account) {
        throw new PropsInvalid(
          `${place}: got the stack's own account ${account}, which needs no role; another would do`,
        );
      }
      if (seen.has(account))
        throw new PropsInvalid(`${place}: got the account ${account} twice; one role for each would do`);
      seen.add(account);
    }
    if (!Token.isUnresolved(roleArn) && !Token.isUnresolved(account) && ROLE.exec(roleArn)?.[1] !== account) {
      throw new PropsInvalid(`${place}: got ${show(roleArn)}; the ARN of a role in account ${account} would do`);
    }
    return { account, roleArn, ...(externalId === undefined ? {} : { externalId }) };
  });
}
