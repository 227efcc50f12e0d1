import { stringify } from 'yaml';
import { formatRepository } from '../../lib/model/reference';
import type { Make } from './kind';
import { metadataOf } from './metadata';
import type { Place } from './place';

const LISTS = ['containers', 'initContainers', 'ephemeralContainers'];

/**
 * A policy of Kyverno (kyverno.io/v1) that names the mirror in pods as they are made: the kubelet then finds the credential of the
 * mirror's registry by itself. Its `images` variable has names in full, whatever a pod writes.
 */
export const kyverno: Make = (places, options) => {
  const policy = {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: metadataOf(options, { 'pod-policies.kyverno.io/autogen-controllers': 'none' }),
    spec: { background: false, rules: LISTS.flatMap((list) => rulesOf(list, places)) },
  };
  return { files: [{ path: 'cluster-policy.yaml', text: stringify(policy, { lineWidth: 0 }) }], notes: [] };
};

function rulesOf(list: string, places: readonly Place[]): object[] {
  return [
    {
      name: `mirror-${list.toLowerCase()}`,
      match: { any: [{ resources: { kinds: ['Pod'], operations: ['CREATE', 'UPDATE'] } }] },
      mutate: { foreach: places.map((place) => entry(list, place)) },
    },
  ];
}

/** Tag and digest stay as they are written: what stands behind the repository's name is kept. */
function entry(list: string, { source, mirror }: Place): object {
  const image = `images.${list}."{{ element.name }}"`;
  const rest = `{{ regex_replace_all('^[^@:]*(:[0-9]+/[^@:]*)?', '{{ element.image }}', '') }}`;
  const is = (key: string, value: string) => ({ key, operator: 'Equals', value });
  return {
    list: `request.object.spec.${list}`,
    preconditions: {
      all: [is(`{{ ${image}.registry }}`, source.registry), is(`{{ ${image}.path }}`, source.name)],
    },
    patchStrategicMerge: {
      spec: { [list]: [{ '(name)': '{{ element.name }}', image: `${formatRepository(mirror)}${rest}` }] },
    },
  };
}
