import { stringify } from 'yaml';
import { formatRepository } from '../../lib/model/reference';
import type { Make } from './kind';
import { writtenNames } from './written-names';

/** `images` of a Kustomize component: names as manifests write them, short ones of Docker Hub too. */
export const kustomize: Make = (places) => {
  const images = places.flatMap(({ source, mirror }) =>
    writtenNames(source).map((name) => ({ name, newName: formatRepository(mirror) })),
  );
  const component = { apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component', images };
  return {
    files: [{ path: 'ecr-mirror/kustomization.yaml', text: stringify(component, { lineWidth: 0 }) }],
    notes: [],
  };
};
