import type { FlagName } from '../flags';
import { bottlerocket } from './bottlerocket';
import { containerd } from './containerd';
import { crio } from './crio';
import { docker } from './docker';
import { helmValues } from './helm-values';
import type { Make } from './kind';
import { kustomize } from './kustomize';
import { kyverno } from './kyverno';
import { nodeadm } from './nodeadm';
import { openshift } from './openshift';
import { renovate } from './renovate';

/** Who can be told where to pull from, by the names of the command line. */
export const KINDS: Readonly<Record<string, Make>> = {
  openshift,
  containerd,
  crio,
  docker,
  kyverno,
  kustomize,
  'helm-values': helmValues,
  renovate,
  bottlerocket,
  'eks-nodeadm': nodeadm,
};

/** What a kind takes beside rows and registries. */
export const KIND_FLAGS: Readonly<Record<string, readonly FlagName[]>> = {
  openshift: ['no-fallback', 'digests-only', 'labels', 'argo-cd'],
  containerd: ['no-fallback'],
  crio: ['no-fallback', 'digests-only'],
  docker: [],
  // Who names the mirror itself asks no source.
  kyverno: ['no-fallback', 'labels', 'argo-cd'],
  kustomize: ['no-fallback'],
  'helm-values': ['no-fallback'],
  renovate: [],
  bottlerocket: [],
  'eks-nodeadm': ['no-fallback'],
};

/** They name one mirror of each image: the first that it has. */
export const NAMES_ONE: readonly string[] = ['kyverno', 'kustomize', 'helm-values'];

/** Not made of places, but of registries: a job in a cluster. */
export const TOKEN_ROTATION = 'token-rotation';

export const KIND_NAMES: readonly string[] = [...Object.keys(KINDS), TOKEN_ROTATION];
