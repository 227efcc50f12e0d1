import type { Programs } from '../../../lib/model/token-rotation/files';
import dockerConfig from './docker-config.pod.mjs';
import getTokens from './get-tokens.sh';
import kubernetesApi from './kubernetes-api.pod.mjs';
import rotate from './rotate.pod.mjs';

/** What runs in the pod: files of this folder, as text. */
export const programs: Programs = {
  'get-tokens.sh': getTokens,
  'rotate.pod.mjs': rotate,
  'docker-config.pod.mjs': dockerConfig,
  'kubernetes-api.pod.mjs': kubernetesApi,
};
