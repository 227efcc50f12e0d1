export const OWN_ACCOUNT = '111122223333';
export const OWN_REGION = 'eu-west-1';
export const PLACE = { account: OWN_ACCOUNT, region: OWN_REGION };
export const OWN = `${OWN_ACCOUNT}.dkr.ecr.${OWN_REGION}.amazonaws.com`;

const key = (id: string) => `arn:aws:kms:${OWN_REGION}:${OWN_ACCOUNT}:key/${id}-0000-4000-8000-0123456789ab`;
/** Encrypts a secret. */
export const KEY = key('0a1b2c3d');
/** Encrypts tables. */
export const TABLE_KEY = key('1b2c3d4e');
/** Encrypts repositories. */
export const REPOSITORY_KEY = key('2c3d4e5f');

/** Of others, which gives access by a role of its own. */
export const OTHER_ACCOUNT = '222233334444';
export const OTHER_ROLE = `arn:aws:iam::${OTHER_ACCOUNT}:role/mirror`;
export const OTHER = `${OTHER_ACCOUNT}.dkr.ecr.${OWN_REGION}.amazonaws.com`;

const secret = (name: string) => `arn:aws:secretsmanager:${OWN_REGION}:${OWN_ACCOUNT}:secret:${name}`;
/** Quay's credential, which is in no template. */
export const PARAMETER = '/registries/quay';
/** The partner's is encrypted with a key of ours. */
export const SECRETS = { hub: secret('docker-hub-AbCdEf'), partner: secret('partner-GhIjKl') };
