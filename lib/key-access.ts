import { Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';

/** What a service asks of a key, in the name of whoever asks for something that the key encrypts. */
export interface KeyUse {
  /** As it is called in `kms:ViaService`: `dynamodb`. */
  readonly service: string;
  /** Of AWS KMS, without their prefix. */
  readonly actions: readonly string[];
}

/** Lets somebody use a key by way of a service, and not by themselves. Without a key there is nothing to grant. */
export function grantKey(key: IKey | undefined, grantee: IGrantable, { service, actions }: KeyUse): void {
  if (key === undefined) return;
  const { region, urlSuffix } = Stack.of(key);
  Grant.addToPrincipal({
    grantee,
    actions: actions.map((action) => `kms:${action}`),
    resourceArns: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` } },
  });
}
