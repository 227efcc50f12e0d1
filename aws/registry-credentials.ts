import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { RegistryError } from '../engine/errors';
import type { Access, Clock, Credential, Credentials } from '../engine/ports';
import { isEcrPublic, parseEcrHost } from '../lib/model/ecr-host';
import { formatRepository, type Repository } from '../lib/model/reference';
import { type CredentialSetting, credentialFor, type MirrorSettings, roleFor } from '../lib/model/settings';
import type { AwsClients } from './clients';
import { type EcrTokens, ecrTokens } from './ecr-tokens';
import { awsFailure } from './errors';
import { credentialFromSecret, SECRET_SHAPES } from './secret-value';

/** Milliseconds for which a secret's value is kept, so that a rotated one is seen soon. */
const SECRET_LIFE = 5 * 60_000;

/**
 * Credentials of a deployed mirror: what the settings name from Secrets Manager or SSM, else ECR's own tokens for ECR's own
 * hosts, in the role of their account where it has one, else none. A setting's host, path and direction decide; a pull
 * credential never pushes.
 */
export function registryCredentials(
  { credentials, roles }: Pick<MirrorSettings, 'credentials' | 'roles'>,
  clients: AwsClients,
  clock: Clock,
): Credentials {
  const tokens = ecrTokens(clients, clock);
  const secrets = secretValues(clients, clock);
  const publicTokens = optionalPublicTokens(tokens);
  return {
    async get(repository: Repository, access: Access, stale?: Credential): Promise<Credential | undefined> {
      const setting = credentialFor({ credentials }, repository, access);
      if (setting !== undefined) return secrets(setting, repository, stale);
      const ecr = parseEcrHost(repository.registry);
      if (ecr !== undefined) return tokens.ofRegion(ecr.region, stale, roleFor(roles, ecr.account));
      if (!isEcrPublic(repository.registry)) return undefined;
      return access === 'push' ? tokens.ofPublic(stale) : publicTokens(stale);
    },
  };
}

/** ECR Public lets anyone pull, and more with a token: so a role that may not have one pulls without. */
function optionalPublicTokens(tokens: EcrTokens): (stale?: Credential) => Promise<Credential | undefined> {
  let refused = false;
  return async (stale) => {
    if (refused) return undefined;
    try {
      return await tokens.ofPublic(stale);
    } catch {
      refused = true;
      return undefined;
    }
  };
}

interface Kept {
  readonly text: Promise<string>;
  readonly until: number;
}

/** Secrets by ARN, each fetched once for a while; again at once when what it held was refused. */
function secretValues(clients: AwsClients, clock: Clock) {
  const kept = new Map<string, Kept>();

  function value(setting: CredentialSetting, arn: string): Promise<string> {
    const known = kept.get(arn);
    if (known !== undefined && known.until > clock.now()) return known.text;
    const text = setting.secretArn === undefined ? fetchParameter(clients, arn) : fetchSecret(clients, arn);
    kept.set(arn, { text, until: clock.now() + SECRET_LIFE });
    text.catch(() => kept.delete(arn));
    return text;
  }

  return async (setting: CredentialSetting, repository: Repository, stale?: Credential): Promise<Credential> => {
    const arn = setting.secretArn ?? setting.parameterArn;
    const where = `${setting.secretArn === undefined ? 'parameter' : 'secret'} ${arn}`;
    const place = formatRepository(repository);
    const before = kept.get(arn);
    const credential = parseSecret(await value(setting, arn), where, place);
    if (stale === undefined || !sameCredential(credential, stale)) return credential;
    if (kept.get(arn) === before) kept.delete(arn);
    return parseSecret(await value(setting, arn), where, place);
  };
}

/** A secret's region is in its ARN; a mirror may use one of another region. */
function regionOf(arn: string): string | undefined {
  return arn.split(':')[3];
}

async function fetchSecret(clients: AwsClients, arn: string): Promise<string> {
  try {
    const answer = await clients.secrets(regionOf(arn)).send(new GetSecretValueCommand({ SecretId: arn }));
    return answer.SecretString ?? Buffer.from(answer.SecretBinary ?? []).toString('utf8');
  } catch (cause) {
    throw awsFailure(`read secret ${arn}`, cause);
  }
}

async function fetchParameter(clients: AwsClients, arn: string): Promise<string> {
  try {
    const command = new GetParameterCommand({ Name: arn, WithDecryption: true });
    const answer = await clients.parameters(regionOf(arn)).send(command);
    return answer.Parameter?.Value ?? '';
  } catch (cause) {
    throw awsFailure(`read parameter ${arn}`, cause);
  }
}

function parseSecret(text: string, where: string, place: string): Credential {
  const credential = credentialFromSecret(text, place);
  if (credential !== undefined) return credential;
  throw new RegistryError(
    'SECRET_INVALID',
    `${where} holds no credential for ${place}; ${SECRET_SHAPES}`,
    { status: 0 },
    'usage',
  );
}

function sameCredential(a: Credential, b: Credential): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
