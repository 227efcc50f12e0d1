import type { STSClient } from '@aws-sdk/client-sts';
import { inRole } from '../../aws/roles';

const roleArn = 'arn:aws:iam::210987654321:role/mirror';

/** An STS that answers so, and what it was asked. */
function sts(Credentials: object | undefined) {
  const asked: unknown[] = [];
  const send = async ({ input }: { readonly input: unknown }) => {
    asked.push(input);
    return { Credentials };
  };
  return { asked, client: () => ({ send }) as unknown as STSClient };
}

describe('the credentials of a role', () => {
  it('are asked for under a name that CloudTrail shows, with what the other account asks for', async () => {
    const { asked, client } = sts({ AccessKeyId: 'id', SecretAccessKey: 'key' });
    expect(await inRole({ account: '210987654321', roleArn, externalId: 'we' }, client)()).toEqual({
      accessKeyId: 'id',
      secretAccessKey: 'key',
    });
    expect(asked).toEqual([{ RoleArn: roleArn, RoleSessionName: 'ecr-mirror', ExternalId: 'we' }]);
  });

  it('have their token and the moment at which they expire', async () => {
    const Expiration = new Date(0);
    const { client } = sts({ AccessKeyId: 'id', SecretAccessKey: 'key', SessionToken: 'token', Expiration });
    expect(await inRole({ account: '210987654321', roleArn }, client)()).toMatchObject({
      sessionToken: 'token',
      expiration: Expiration,
    });
  });

  it.each([[undefined], [{}], [{ AccessKeyId: 'id' }], [{ SecretAccessKey: 'key' }]])(
    'are none in %j',
    async (answer) => {
      const { client } = sts(answer);
      await expect(inRole({ account: '210987654321', roleArn }, client)()).rejects.toThrow(
        `assume role ${roleArn}: the answer holds no credentials`,
      );
    },
  );
});
