import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { webhookSecrets } from '../../aws/webhooks';
import { type AwsEndpoint, startAwsEndpoint } from '../../local/aws/endpoint';
import { secretNamed } from '../../local/canary';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:hook-AbCdEf';
let aws: AwsEndpoint;
let secret: string;
let now: number;
let client: SecretsManagerClient;

beforeEach(async () => {
  now = 0;
  secret = secretNamed('First');
  aws = await startAwsEndpoint({ secretsmanager: () => ({ output: { SecretString: secret } }) });
  const credentials = { accessKeyId: 'AKIALOCAL', secretAccessKey: 'local' };
  client = new SecretsManagerClient({ endpoint: aws.url, region: 'eu-west-1', credentials });
});
afterEach(async () => {
  client.destroy();
  await aws.close();
});

const open = () => webhookSecrets({ secrets: client }, { now: () => now, sleep: async () => {} });

describe('the secrets of a sender', () => {
  it('are remembered for five minutes, after which a rotated one counts', async () => {
    const secrets = open();
    expect(await secrets(ARN, false)).toEqual([secretNamed('First')]);
    secret = secretNamed('Second');
    now = 4 * 60_000;
    expect(await secrets(ARN, false)).toEqual([secretNamed('First')]);
    now = 6 * 60_000;
    expect(await secrets(ARN, false)).toEqual([secretNamed('Second')]);
    expect(aws.calls).toHaveLength(2);
  });

  it('are read again at once when one failed, but not for each that fails', async () => {
    const secrets = open();
    await secrets(ARN, false);
    secret = secretNamed('Second');
    now = 11_000;
    expect(await secrets(ARN, true)).toEqual([secretNamed('Second')]);
    for (let time = 0; time < 100; time += 1) await secrets(ARN, true);
    expect(aws.calls).toHaveLength(2);
  });

  it('are several, where one takes the place of another', async () => {
    secret = JSON.stringify([secretNamed('First'), secretNamed('Second')]);
    expect(await open()(ARN, false)).toEqual([secretNamed('First'), secretNamed('Second')]);
  });
});
