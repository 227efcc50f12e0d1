import type { Identity, RotationSettings } from './settings';

/** Neither of the images' own users, which are root. */
const USER = 65_532;
/** Seconds; the shortest that a cluster gives. */
const TOKEN_SECONDS = 600;
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const TEMPORARY = '/tmp';

const SHUT = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

const variables = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
const mount = (name: string, mountPath: string) => ({ name, mountPath, readOnly: true });

/** A pod that asks for tokens with the AWS CLI, then writes them with Node. */
export function podSpec(settings: RotationSettings): object {
  const { name, identity, openshift } = settings;
  // OpenShift gives each namespace its users and refuses others.
  const user = openshift ? {} : { runAsUser: USER, runAsGroup: USER, fsGroup: USER };
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    // A container that starts again finds the tokens of before: a new pod asks for new ones.
    restartPolicy: 'Never',
    securityContext: { runAsNonRoot: true, ...user, seccompProfile: { type: 'RuntimeDefault' } },
    initContainers: [getTokens(settings)],
    containers: [rotate(settings)],
    volumes: [
      { name: 'rotation', configMap: { name } },
      { name: 'tokens', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'temporary', emptyDir: { sizeLimit: '16Mi' } },
      { name: 'account', projected: { sources: account() } },
      ...identityVolumes(identity),
    ],
  };
}

function getTokens({ awsImage, identity }: RotationSettings): object {
  return {
    name: 'get-tokens',
    image: awsImage,
    command: ['/bin/sh', '/rotation/get-tokens.sh'],
    env: [
      ...variables({ ROTATION: '/rotation', TOKENS: '/tokens', HOME: TEMPORARY, AWS_PAGER: '', AWS_MAX_ATTEMPTS: '5' }),
      ...identityVariables(identity),
    ],
    resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    securityContext: SHUT,
    volumeMounts: [
      mount('rotation', '/rotation'),
      { name: 'tokens', mountPath: '/tokens' },
      { name: 'temporary', mountPath: TEMPORARY },
      ...identityVolumes(identity).map(({ name }) => mount(name, `/${name}`)),
    ],
  };
}

function rotate({ image }: RotationSettings): object {
  return {
    name: 'rotate',
    image,
    command: ['node', '/rotation/rotate.pod.mjs'],
    env: variables({ ROTATION: '/rotation', TOKENS: '/tokens', ACCOUNT }),
    resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    securityContext: SHUT,
    volumeMounts: [mount('rotation', '/rotation'), mount('tokens', '/tokens'), mount('account', ACCOUNT)],
  };
}

/** What every pod is given of its account unless it says otherwise. */
function account(): readonly object[] {
  return [
    { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_SECONDS } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
  ];
}

function identityVariables(identity: Identity): readonly object[] {
  if (identity.kind === 'role') {
    return variables({ AWS_ROLE_ARN: identity.arn, AWS_WEB_IDENTITY_TOKEN_FILE: '/web-identity/token' });
  }
  if (identity.kind === 'config') return variables({ AWS_CONFIG_FILE: '/aws-config/config' });
  if (identity.kind !== 'keys') return [];
  const from = (key: string, optional: boolean) => ({
    name: key.toUpperCase(),
    valueFrom: { secretKeyRef: { name: identity.secret, key, ...(optional ? { optional } : {}) } },
  });
  return [from('aws_access_key_id', false), from('aws_secret_access_key', false), from('aws_session_token', true)];
}

/** Named as the folder that the AWS CLI finds them in. */
function identityVolumes(identity: Identity): readonly { readonly name: string }[] {
  if (identity.kind === 'config') return [{ name: 'aws-config', ...{ secret: { secretName: identity.secret } } }];
  if (identity.kind !== 'role') return [];
  // A web identity works in every cluster whose issuer IAM knows, without a webhook that puts it there.
  const token = { audience: 'sts.amazonaws.com', expirationSeconds: 3600, path: 'token' };
  return [{ name: 'web-identity', ...{ projected: { sources: [{ serviceAccountToken: token }] } } }];
}
