import type { PullOptions } from './kind';

/** After the rotation of tokens, whose last wave is 0: what is made here sends pulls to the mirrors. */
const WAVE = '1';

/** What a resource of a cluster is called, whose it is, and when Argo CD applies it. */
export function metadataOf({ labels, argoCd }: PullOptions, annotations: Readonly<Record<string, string>> = {}) {
  const all = { ...annotations, ...(argoCd ? { 'argocd.argoproj.io/sync-wave': WAVE } : {}) };
  return {
    name: 'ecr-mirror',
    labels: { 'app.kubernetes.io/managed-by': 'ecr-mirror', ...labels },
    ...(Object.keys(all).length === 0 ? {} : { annotations: all }),
  };
}
