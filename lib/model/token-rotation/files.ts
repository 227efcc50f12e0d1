import { type PullSecret, type RotatedRegistry, tokenName } from './settings';

/** What runs in the pod, by its name. */
export const PROGRAM_NAMES = [
  'get-tokens.sh',
  'rotate.pod.mjs',
  'docker-config.pod.mjs',
  'kubernetes-api.pod.mjs',
] as const;
/** The text of each: whoever makes manifests has read it. */
export type Programs = Readonly<Record<(typeof PROGRAM_NAMES)[number], string>>;

/** What the pod finds in its folder: programs, and what they are to do. */
export function rotationFiles(
  registries: readonly RotatedRegistry[],
  secrets: readonly PullSecret[],
  programs: Programs,
): Readonly<Record<string, string>> {
  const plan = { registries: registries.map((one) => ({ host: one.host, token: tokenName(one) })), secrets };
  const regions = new Set(registries.map((one) => `${tokenName(one)} ${one.region} ${one.fips}\n`));
  return {
    'plan.json': `${JSON.stringify(plan, undefined, 2)}\n`,
    regions: [...regions].join(''),
    ...programs,
  };
}
