import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type ClientOptions, configuration } from './clients';
import { awsFailure } from './errors';

/** As whom AWS is asked. */
export interface Caller {
  /** Twelve digits. */
  readonly account: string;
  readonly arn: string;
  /** Seconds that the clock of AWS is ahead of ours, by its answer's `Date`. @default - it did not say */
  readonly ahead?: number;
}

const ROUTE = 'a region, and a route, proxy or endpoint that leads to AWS STS in it, would do';

/** Everybody may ask this. @param now milliseconds since the epoch. @throws EngineError */
export async function whoAmI(options: ClientOptions, now: () => number): Promise<Caller> {
  const client = new STSClient(configuration(options, options.region));
  let date: string | undefined;
  const asked = now();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = (result.response as { headers?: Record<string, string> }).headers?.date;
      return result;
    },
    // Where the answer is still one of HTTP.
    { step: 'deserialize', priority: 'low', name: 'readDate' },
  );
  try {
    const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand({}));
    const said = Date.parse(date ?? '');
    const ahead = Number.isNaN(said) ? {} : { ahead: (said + 500 - (asked + now()) / 2) / 1000 };
    return { account: Account, arn: Arn, ...ahead };
  } catch (cause) {
    const what = 'ask AWS who this is';
    const isDenied = awsFailure(what, cause).failure === 'denied';
    throw awsFailure(what, cause, isDenied ? 'aws sso login, or keys that are valid, would do' : ROUTE);
  } finally {
    client.destroy();
  }
}

/**
 * The role, or the user, whose policies count for whoever has this ARN: of a session of a role, that role. A role's path is not in
 * it; undefined for the account itself, which may do everything, and for what is neither.
 */
export function principalOf(arn: string): string | undefined {
  const [, partition, account, role] = /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(arn) ?? [];
  if (role !== undefined) return `arn:${partition}:iam::${account}:role/${role}`;
  return /^arn:[\w-]+:iam::\d{12}:(?:user|role)\/./.test(arn) ? arn : undefined;
}
