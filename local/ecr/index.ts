/** Amazon ECR's API over the embedded registry. */
export { ECR_TARGET, type EcrApi, ecrApi } from './api';
export { ecrPushEvent } from './events';
