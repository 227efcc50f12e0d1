import { ecrHost, isEcrPublic, parseEcrHost } from '../../lib/model/ecr-host';

const ACCOUNT = '123456789012';

describe('a host of Amazon ECR', () => {
  it.each([
    ['dkr.ecr.eu-west-1.amazonaws.com', 'aws', 'eu-west-1', false, false],
    ['dkr.ecr-fips.us-east-1.amazonaws.com', 'aws', 'us-east-1', true, false],
    ['dkr-ecr.ap-southeast-2.on.aws', 'aws', 'ap-southeast-2', false, true],
    ['dkr-ecr-fips.us-east-2.on.aws', 'aws', 'us-east-2', true, true],
    ['dkr.ecr.us-gov-west-1.amazonaws.com', 'aws-us-gov', 'us-gov-west-1', false, false],
    ['dkr.ecr-fips.us-gov-east-1.amazonaws.com', 'aws-us-gov', 'us-gov-east-1', true, false],
    ['dkr-ecr-fips.us-gov-east-1.on.aws', 'aws-us-gov', 'us-gov-east-1', true, true],
    ['dkr.ecr.cn-north-1.amazonaws.com.cn', 'aws-cn', 'cn-north-1', false, false],
    ['dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn', 'aws-cn', 'cn-northwest-1', false, true],
    ['dkr.ecr.us-iso-east-1.c2s.ic.gov', 'aws-iso', 'us-iso-east-1', false, false],
    ['dkr.ecr.us-isob-east-1.sc2s.sgov.gov', 'aws-iso-b', 'us-isob-east-1', false, false],
    ['dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk', 'aws-iso-e', 'eu-isoe-west-1', false, false],
    ['dkr.ecr.us-isof-south-1.csp.hci.ic.gov', 'aws-iso-f', 'us-isof-south-1', false, false],
    ['dkr.ecr.eusc-de-east-1.amazonaws.eu', 'aws-eusc', 'eusc-de-east-1', false, false],
  ])('%s', (rest, partition, region, fips, dualStack) => {
    const dnsSuffix = rest.slice(rest.indexOf(`${region}.`) + region.length + 1);
    expect(parseEcrHost(`${ACCOUNT}.${rest}`)).toEqual({
      account: ACCOUNT,
      region,
      partition,
      fips,
      dualStack,
      dnsSuffix,
    });
  });

  it.each([
    ['eu-west-1', 'amazonaws.com'],
    ['us-gov-west-1', 'amazonaws.com'],
    ['cn-north-1', 'amazonaws.com.cn'],
    ['us-isob-east-1', 'sc2s.sgov.gov'],
    ['eusc-de-east-1', 'amazonaws.eu'],
  ])('is made of an account and %s', (region, dnsSuffix) => {
    expect(ecrHost(ACCOUNT, region)).toBe(`${ACCOUNT}.dkr.ecr.${region}.${dnsSuffix}`);
  });

  it('is made of no region that is none, and of no account that is none', () => {
    expect([ecrHost(ACCOUNT, 'evil.io/'), ecrHost('1', 'eu-west-1')]).toEqual([undefined, undefined]);
  });

  it.each([
    `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com.evil.io`,
    `evil.io.${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`,
    `x${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com:443`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com\n`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.comx`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.evilamazonaws.com`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com.cn`,
    `${ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com`,
    `${ACCOUNT}.dkr.ecr.us-iso-east-1.amazonaws.com`,
    `${ACCOUNT}.dkr-ecr.eu-west-1.amazonaws.com`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.on.aws`,
    `${ACCOUNT}.dkrxecr.eu-west-1.amazonaws.com`,
    `${ACCOUNT}.dkr.ecr.evil.amazonaws.com`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.evil.io.amazonaws.com`,
    `${ACCOUNT.slice(1)}.dkr.ecr.eu-west-1.amazonaws.com`,
    'dkr.ecr.eu-west-1.amazonaws.com',
    'docker.io',
    '',
  ])('is not %j', (host) => {
    expect(parseEcrHost(host)).toBeUndefined();
  });

  it('of the public gallery is another', () => {
    expect(isEcrPublic('public.ecr.aws')).toBe(true);
    expect(['public.ecr.aws.evil.io', 'xpublic.ecr.aws', 'ecr.aws'].some(isEcrPublic)).toBe(false);
    expect(parseEcrHost('public.ecr.aws')).toBeUndefined();
  });
});
