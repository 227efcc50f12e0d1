import dockerConfig from './docker-config.pod.mjs';
import getTokens from './get-tokens.sh';
import kubernetesApi from './kubernetes-api.pod.mjs';
import { tokenName } from './registries';
import rotate from './rotate.pod.mjs';
import type { PullSecret, Registry } from './settings';

/** What the pod finds in its folder: programs, and what they are to do. */
export function rotationFiles(
  registries: readonly Registry[],
  secrets: readonly PullSecret[],
): Readonly<Record<string, string>> {
  const plan = { registries: registries.map((one) => ({ host: one.host, token: tokenName(one) })), secrets };
  const regions = new Set(registries.map((one) => `${tokenName(one)} ${one.region} ${one.fips}\n`));
  return {
    'plan.json': `${JSON.stringify(plan, undefined, 2)}\n`,
    regions: [...regions].join(''),
    'get-tokens.sh': getTokens,
    'rotate.pod.mjs': rotate,
    'docker-config.pod.mjs': dockerConfig,
    'kubernetes-api.pod.mjs': kubernetesApi,
  };
}
