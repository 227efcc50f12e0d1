import type { PullSecret, RotationSettings } from './settings';

/** The account of the job, and what it may do: read and change the named secrets, and no other. */
export function access(settings: RotationSettings, metadata: (namespace?: string) => object): readonly object[] {
  const { identity, name } = settings;
  const annotations: Record<string, string> =
    identity.kind === 'role' ? { 'eks.amazonaws.com/role-arn': identity.arn } : {};
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: withAnnotations(metadata(), annotations),
    // Who asks Amazon ECR has no business with the cluster; the other container mounts its token itself.
    automountServiceAccountToken: false,
  };
  const namespaces = [...new Set(settings.secrets.map(({ namespace }) => namespace))];
  const grants = namespaces.flatMap((namespace) => [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: metadata(namespace),
      rules: rules(settings.secrets.filter((secret) => secret.namespace === namespace)),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: metadata(namespace),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: settings.namespace }],
    },
  ]);
  return [account, ...grants];
}

export function withAnnotations(metadata: object, more: Readonly<Record<string, string>>): object {
  if (Object.keys(more).length === 0) return metadata;
  const { annotations = {} } = metadata as { annotations?: object };
  return { ...metadata, annotations: { ...annotations, ...more } };
}

function rules(secrets: readonly PullSecret[]): readonly object[] {
  const own = { apiGroups: [''], resources: ['secrets'] };
  const named = { ...own, resourceNames: secrets.map(({ name }) => name), verbs: ['get', 'patch'] };
  // Kubernetes binds a right to create to no name.
  return secrets.some(({ create }) => create) ? [named, { ...own, verbs: ['create'] }] : [named];
}
