export const OWN_ACCOUNT = '111122223333';
export const OWN_REGION = 'eu-west-1';
/** Encrypts a secret. */
export const KEY = `arn:aws:kms:${OWN_REGION}:${OWN_ACCOUNT}:key/0a1b2c3d-0000-4000-8000-0123456789ab`;
/** Of others, which gives access by a role of its own. */
export const OTHER_ACCOUNT = '222233334444';
export const OTHER_ROLE = `arn:aws:iam::${OTHER_ACCOUNT}:role/mirror`;
