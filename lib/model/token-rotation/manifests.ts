import { fingerprint } from '../fingerprints';
import { access, withAnnotations } from './access';
import { type Programs, rotationFiles } from './files';
import { podSpec } from './pod';
import type { RotatedRegistry, RotationSettings } from './settings';

/** Seconds that one job may take, all its attempts together. */
const DEADLINE = 900;
/** Seconds after its time at which a job is still started. */
const LATEST_START = 3600;
const MORE_ATTEMPTS = 3;

/** What whoever makes manifests brings with it. */
export interface RotationTools {
  readonly programs: Programs;
  /**
   * A value as text that changes when the value does, and only then.
   *
   * @default JSON.stringify
   */
  readonly textOf?: (value: object) => string;
}

/** All that a cluster needs to keep tokens of these registries in its pull secrets. */
export function rotationManifests(
  settings: RotationSettings,
  registries: readonly RotatedRegistry[],
  { programs, textOf = JSON.stringify }: RotationTools,
): readonly object[] {
  const { name, namespace, argoCd } = settings;
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/managed-by': 'ecr-mirror' };
  const wave = (value: string): Record<string, string> => (argoCd ? { 'argocd.argoproj.io/sync-wave': value } : {});
  const metadata = (within = namespace) => withAnnotations({ name, namespace: within, labels }, wave('-1'));
  const files = rotationFiles(registries, settings.secrets, programs);
  const job = jobSpec(settings, labels);
  const own = { apiVersion: 'v1', kind: 'Namespace', metadata: withAnnotations({ name: namespace }, wave('-2')) };
  return [
    ...(settings.ownNamespace ? [own] : []),
    ...access(settings, metadata),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(), data: files },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: withAnnotations({ name, namespace, labels }, wave('0')),
      spec: {
        schedule: `17 */${settings.everyHours} * * *`,
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: LATEST_START,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: { metadata: { labels }, spec: job },
      },
    },
    firstJob(settings, labels, job, fingerprint(textOf([job, files]))),
  ];
}

function jobSpec(settings: RotationSettings, labels: object): object {
  return {
    backoffLimit: MORE_ATTEMPTS,
    activeDeadlineSeconds: DEADLINE,
    template: { metadata: { labels }, spec: podSpec(settings) },
  };
}

/** Runs at once. A job never changes, so one that does something else has another name; Argo CD replaces its hooks. */
function firstJob({ name, namespace, argoCd }: RotationSettings, labels: object, spec: object, print: string): object {
  const hook = {
    'argocd.argoproj.io/hook': 'PostSync',
    'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
  };
  const metadata = { name: argoCd ? `${name}-first` : `${name}-${print}`, namespace, labels };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: withAnnotations(metadata, argoCd ? hook : {}), spec };
}
