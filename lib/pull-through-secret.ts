import { Stack, Token } from 'aws-cdk-lib';
import type { IAlias } from 'aws-cdk-lib/aws-kms';
import { CfnSecret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { show } from './model/invalid';
import { PropsInvalid } from './props-invalid';

/** What the role of Amazon ECR's pull-through cache may read. */
export const SECRET_PREFIX = 'ecr-pullthroughcache/';
const OWN_KEY = 'alias/aws/secretsmanager';

/**
 * Checks what Amazon ECR refuses at deployment, or cannot read at the first pull. What is known at deployment only passes.
 *
 * @throws Error saying what was got and what would do.
 */
export function checkSecret(scope: IConstruct, secret: ISecret): void {
  checkName(secret);
  const { account, region } = Stack.of(scope);
  checkPlace('account', secret.env.account, account);
  checkPlace('region', secret.env.region, region);
  const key = secret.encryptionKey as Partial<IAlias> | undefined;
  if (key === undefined || key.aliasName === OWN_KEY) return;
  throw new PropsInvalid(
    `secret: got one that is encrypted with ${show(key.node?.path)}, which Amazon ECR does not use; Secrets Manager's own key would do, without encryptionKey`,
  );
}

function checkName(secret: ISecret): void {
  const name: unknown = Stack.of(secret).resolve(nameOf(secret));
  if (name !== undefined && (typeof name !== 'string' || name.startsWith(SECRET_PREFIX))) return;
  const got = name === undefined ? 'a name that CloudFormation makes up' : `the name ${show(name)}`;
  throw new PropsInvalid(`secret: got ${got}; one that begins with ${SECRET_PREFIX} would do`);
}

/** Of an imported secret by its ARN, which may end in what Secrets Manager adds to the name; undefined where nobody gave it one. */
function nameOf(secret: ISecret): string | undefined {
  const resource = secret.node.defaultChild;
  if (CfnSecret.isCfnSecret(resource)) return resource.name;
  const { secretArn } = secret;
  return /:secret:(.*)$/.exec(secretArn)?.[1] ?? secretArn;
}

function checkPlace(what: string, got: string, own: string): void {
  if (Token.isUnresolved(got) || Token.isUnresolved(own) || got === own) return;
  throw new PropsInvalid(`secret: got one of the ${what} ${got}; one of the cache's own, ${own}, would do`);
}
