import { createHash } from 'node:crypto';
import { secretNamed } from '../canary';

/** Who makes a call. Access keys stand for roles here, so that a call is known for what made it. */
export interface Principal {
  readonly account: string;
  readonly arn: string;
}

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface Principals {
  /** The key of a role: the same one each time. */
  keyOf(arn: string): AccessKey;
  /** Who holds a key; somebody of the stack's own account when it is not one of ours. */
  holder(accessKeyId: string): Principal;
}

export function makePrincipals(account: string): Principals {
  const holders = new Map<string, Principal>();
  return {
    keyOf: (arn) => {
      const accessKeyId = `ASIA${createHash('sha256').update(arn).digest('hex').slice(0, 16).toUpperCase()}`;
      holders.set(accessKeyId, { arn, account: arn.split(':')[4] ?? account });
      return {
        accessKeyId,
        secretAccessKey: secretNamed(`key-of-${accessKeyId}`),
        sessionToken: secretNamed(`session-of-${accessKeyId}`),
      };
    },
    holder: (accessKeyId) => holders.get(accessKeyId) ?? { account, arn: `arn:aws:iam::${account}:user/local` },
  };
}

/** A key as environment variables. */
export function keyVariables({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: AccessKey): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
}
