import { findDeployed } from '../../aws/deployed';

/** A machine on which nothing is known of AWS. */
const NOTHING = {
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
};
const before = { ...process.env };

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, NOTHING);
});
afterEach(() => {
  process.env = { ...before };
});

describe('a stack that is looked for', () => {
  it('without a region says what names one', async () => {
    await expect(findDeployed({}, 'Images')).rejects.toThrow(
      "describe stack Images: Region is missing; AWS_REGION, a profile with a region, or the stack's ARN would do",
    );
    await expect(findDeployed({}, 'Images')).rejects.toMatchObject({ code: 'AWS_REFUSED', failure: 'usage' });
  });

  it('without credentials says where they may be', async () => {
    await expect(findDeployed({ region: 'eu-west-1' }, 'Images')).rejects.toThrow(
      /^describe stack Images: CredentialsProviderError: .*; credentials of AWS would do: --profile, AWS_PROFILE, or the environment$/,
    );
  });
});
