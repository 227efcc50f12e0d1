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

/** Not made of places, but of registries: a job in a cluster. */
export const TOKEN_ROTATION = 'token-rotation';

export const KIND_NAMES: readonly string[] = [...Object.keys(KINDS), TOKEN_ROTATION];
