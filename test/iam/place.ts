export const OWN_ACCOUNT = '111122223333';
export const OWN_REGION = 'eu-west-1';
