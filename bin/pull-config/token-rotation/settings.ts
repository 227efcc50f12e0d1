import { parseEcrHost } from '../../../lib/model/ecr-host';
import { show } from '../../../lib/model/invalid';
import { parseReference } from '../../../lib/model/reference';
import {
  EVERY_HOURS,
  type Identity,
  LABEL,
  LONGEST_NAME,
  type PullSecret,
  ROTATION_AWS_IMAGE,
  ROTATION_IMAGE,
  ROTATION_NAME,
  ROTATION_NAMESPACE,
  type RotationSettings,
  SUBDOMAIN,
} from '../../../lib/model/token-rotation/settings';
import type { FlagValues } from '../../arguments';
import type { FlagName } from '../../flags';
import { UsageError } from '../../usage';

/** Flags that mean something to `token-rotation` alone. */
export const ROTATION_FLAGS: readonly FlagName[] = [
  ...(['hosts', 'secrets', 'openshift', 'no-create', 'namespace', 'name'] as const),
  ...(['role-arn', 'aws-config', 'keys-secret', 'image', 'aws-image', 'pin', 'argo-cd'] as const),
];

/** The pull secret of an OpenShift cluster itself, which is always there. */
const CLUSTER_SECRET: PullSecret = { namespace: 'openshift-config', name: 'pull-secret', create: false };

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,575}$/;

/** @throws UsageError */
export function rotationSettings(flags: FlagValues): RotationSettings {
  const openshift = flags.openshift !== undefined;
  const named = listOf(flags.secrets).map((text) => pullSecret(text, flags['no-create'] === undefined));
  const others = named.filter(({ namespace, name }) => !isClusterSecret(namespace, name));
  const secrets = openshift ? [...others, CLUSTER_SECRET] : named;
  if (secrets.length === 0) throw new UsageError('--secrets: got none; NAMESPACE/NAME, or --openshift, would do');
  const name = text(flags, 'name', LABEL, 'letters, digits and hyphens') ?? ROTATION_NAME;
  if (name.length > LONGEST_NAME)
    throw new UsageError(`--name: got ${show(name)}; ${LONGEST_NAME} characters would do`);
  return {
    name,
    namespace: text(flags, 'namespace', LABEL, 'the name of a namespace') ?? ROTATION_NAMESPACE,
    ownNamespace: flags.namespace === undefined,
    secrets,
    identity: identityOf(flags),
    everyHours: EVERY_HOURS,
    openshift,
    argoCd: flags['argo-cd'] !== undefined,
    image: image(flags, 'image') ?? ROTATION_IMAGE,
    awsImage: image(flags, 'aws-image') ?? ROTATION_AWS_IMAGE,
  };
}

/** The registries that are named beside those of rows. @throws UsageError */
export function namedHosts(flags: FlagValues): readonly string[] {
  const hosts = listOf(flags.hosts);
  const other = hosts.find((host) => parseEcrHost(host) === undefined);
  if (other === undefined) return hosts;
  throw new UsageError(`--hosts: got ${show(other)}; 123456789012.dkr.ecr.eu-west-1.amazonaws.com would do`);
}

function listOf(value: string | true | undefined): readonly string[] {
  return typeof value === 'string' ? [...new Set(value.split(',').map((part) => part.trim()))] : [];
}

function pullSecret(text: string, create: boolean): PullSecret {
  const [namespace = '', name = '', ...more] = text.split('/');
  if (!LABEL.test(namespace) || !SUBDOMAIN.test(name) || more.length > 0) {
    throw new UsageError(`--secrets: got ${show(text)}; NAMESPACE/NAME would do`);
  }
  return { namespace, name, create: create && !isClusterSecret(namespace, name) };
}

function isClusterSecret(namespace: string, name: string): boolean {
  return namespace === CLUSTER_SECRET.namespace && name === CLUSTER_SECRET.name;
}

function identityOf(flags: FlagValues): Identity {
  const given = (['role-arn', 'aws-config', 'keys-secret'] as const).filter((name) => flags[name] !== undefined);
  if (given.length > 1) throw new UsageError(`--${given[0]}: got --${given[1]}, too; one of them would do`);
  const arn = text(flags, 'role-arn', ROLE, 'arn:aws:iam::123456789012:role/NAME');
  if (arn !== undefined) return { kind: 'role', arn };
  const config = text(flags, 'aws-config', SUBDOMAIN, 'the name of a secret');
  if (config !== undefined) return { kind: 'config', secret: config };
  const keys = text(flags, 'keys-secret', SUBDOMAIN, 'the name of a secret');
  return keys === undefined ? { kind: 'ambient' } : { kind: 'keys', secret: keys };
}

function text(flags: FlagValues, name: FlagName, grammar: RegExp, remedy: string): string | undefined {
  const value = flags[name];
  if (typeof value !== 'string') return undefined;
  if (!grammar.test(value)) throw new UsageError(`--${name}: got ${show(value)}; ${remedy} would do`);
  return value;
}

function image(flags: FlagValues, name: 'image' | 'aws-image'): string | undefined {
  const value = flags[name];
  if (typeof value !== 'string') return undefined;
  try {
    parseReference(value);
  } catch (error) {
    throw new UsageError(`--${name}: ${(error as Error).message}`);
  }
  return value;
}
