import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { RegistryError } from '../engine/errors';
import type { Access, Clock, Credential, Credentials } from '../engine/ports';
import { isEcrPublic, parseEcrHost } from '../lib/model/ecr-host';
import { formatRepository, type Repository } from '../lib/model/reference';
import { type CredentialSetting, credentialFor } from '../lib/model/settings';
import type { AwsClients } from './clients';
import { type EcrTokens, ecrTokens } from './ecr-tokens';
import { awsFailure } from './errors';
import { credentialFromSecret, SECRET_SHAPES } from './secret-value';

/** Milliseconds for which a secret's value is kept, so that a rotated one is seen soon. */
const SECRET_LIFE = 5 * 60_000;

/**
 * Credentials of a deployed mirror: what the settings name from Secrets Manager, else ECR's own tokens for ECR's own hosts,
 * else none. A setting's host, path and direction decide; a pull credential never pushes.
 */
export function registryCredentials(
  settings: readonly CredentialSetting[],
  clients: AwsClients,
  clock: Clock,
): Credentials {
  const tokens = ecrTokens(clients, clock);
  const secrets = secretValues(clients, clock);
  const publicTokens = optionalPublicTokens(tokens);
  return {
    async get(repository: Repository, access: Access, stale?: Credential): Promise<Credential | undefined> {
      const setting = credentialFor({ credentials: settings }, repository, access);
      if (setting !== undefined) return secrets(setting.secretArn, repository, stale);
      const ecr = parseEcrHost(repository.registry);
      if (ecr !== undefined) return tokens.ofRegion(ecr.region, stale);
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

  function value(arn: string): Promise<string> {
    const known = kept.get(arn);
    if (known !== undefined && known.until > clock.now()) return known.text;
    const text = fetchSecret(clients, arn);
    kept.set(arn, { text, until: clock.now() + SECRET_LIFE });
    text.catch(() => kept.delete(arn));
    return text;
  }

  return async (arn: string, repository: Repository, stale?: Credential): Promise<Credential> => {
    const place = formatRepository(repository);
    const before = kept.get(arn);
    const credential = parseSecret(await value(arn), arn, place);
    if (stale === undefined || !sameCredential(credential, stale)) return credential;
    if (kept.get(arn) === before) kept.delete(arn);
    return parseSecret(await value(arn), arn, place);
  };
}

async function fetchSecret(clients: AwsClients, arn: string): Promise<string> {
  try {
    // A secret's region is in its ARN; a mirror may use one of another region.
    const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(arn)?.[1];
    const answer = await clients.secrets(region).send(new GetSecretValueCommand({ SecretId: arn }));
    return answer.SecretString ?? Buffer.from(answer.SecretBinary ?? []).toString('utf8');
  } catch (cause) {
    throw awsFailure(`read secret ${arn}`, cause);
  }
}

function parseSecret(text: string, arn: string, place: string): Credential {
  const credential = credentialFromSecret(text, place);
  if (credential !== undefined) return credential;
  throw new RegistryError(`secret ${arn} holds no credential for ${place}; ${SECRET_SHAPES}`, { status: 0 }, 'usage');
}

function sameCredential(a: Credential, b: Credential): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
