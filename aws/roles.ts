import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import type { RoleSetting } from '../lib/model/settings';

/** How the role's sessions are called in the other account's CloudTrail. */
const SESSION = 'ecr-mirror';

/** Temporary credentials as the SDK takes them; it asks again shortly before they expire. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Credentials of a role: for the ECR of an account that gives access by role alone. */
export function inRole({ roleArn, externalId }: RoleSetting, sts: () => STSClient): () => Promise<RoleCredentials> {
  return async () => {
    const answer = await sts().send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: SESSION, ExternalId: externalId }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined) {
      throw new Error(`assume role ${roleArn}: the answer holds no credentials`);
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
      ...(Expiration === undefined ? {} : { expiration: Expiration }),
    };
  };
}
