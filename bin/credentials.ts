import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { credentialFromDockerConfig } from '../engine/docker-config';
import type { Access, Credential, Credentials } from '../engine/ports';
import { isEcrPublic, parseEcrHost } from '../lib/model/ecr-host';
import { DOCKER_HUB, formatRepository, type Repository } from '../lib/model/reference';
import { askHelper, CredentialUnavailable } from './credential-helper';

type Env = Readonly<Record<string, string | undefined>>;

export interface LocalCredentialOptions {
  readonly env: Env;
  /** For Amazon ECR's hosts, when Docker's configuration has nothing for them. @default - none */
  readonly ecr?: () => Promise<Credentials>;
}

/**
 * Credentials of a person's machine: Docker's config.json (then podman's auth.json), credential helpers, then the AWS SDK
 * for Amazon ECR. A credential that was refused is asked for again, from the files and from the helper.
 */
export function localCredentials({ env, ecr }: LocalCredentialOptions): Credentials {
  const helped = new Map<string, Promise<Credential | undefined>>();
  let documents: Promise<readonly unknown[]> | undefined;

  async function configured(repository: Repository, stale?: Credential): Promise<Credential | undefined> {
    if (stale !== undefined) documents = undefined;
    documents ??= readDocuments(env);
    for (const document of await documents) {
      const found = credentialFromDockerConfig(document, formatRepository(repository));
      if (found === undefined) continue;
      if (!('helper' in found)) return found;
      const credential = (await fromHelper(found.helper, serverOf(repository.registry), stale)) ?? found.otherwise;
      if (credential !== undefined) return credential;
    }
    return undefined;
  }

  async function fromHelper(helper: string, server: string, stale?: Credential): Promise<Credential | undefined> {
    const key = `${helper} ${server}`;
    const known = helped.get(key);
    if (known !== undefined && (stale === undefined || !same(await known, stale))) return known;
    // Whoever comes while the helper is running waits for that answer.
    const newer = helped.get(key);
    if (newer !== known && newer !== undefined) return newer;
    const asked = askHelper(helper, server, env);
    helped.set(key, asked);
    asked.catch(() => helped.delete(key));
    return asked;
  }

  return {
    async get(repository: Repository, access: Access, stale?: Credential): Promise<Credential | undefined> {
      const found = await configured(repository, stale);
      const isEcr = parseEcrHost(repository.registry) !== undefined || isEcrPublic(repository.registry);
      // What `docker login` wrote for Amazon ECR is good for twelve hours; the SDK can have a new one at any time.
      const usable = found !== undefined && (stale === undefined || !same(found, stale));
      if (usable || !isEcr || ecr === undefined) return found;
      return (await ecr()).get(repository, access, stale);
    },
  };
}

/** How Docker keys a registry with helpers. */
function serverOf(registry: string): string {
  return registry === DOCKER_HUB ? 'https://index.docker.io/v1/' : registry;
}

function same(a: Credential | undefined, b: Credential): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The files that hold credentials, in the order in which they are asked. */
async function readDocuments(env: Env): Promise<readonly unknown[]> {
  const { DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, HOME } = env;
  const files = [
    REGISTRY_AUTH_FILE,
    join(DOCKER_CONFIG || join(HOME || homedir(), '.docker'), 'config.json'),
    XDG_RUNTIME_DIR && join(XDG_RUNTIME_DIR, 'containers', 'auth.json'),
  ];
  return Promise.all(files.flatMap((file) => (file ? [readDocument(file)] : [])));
}

async function readDocument(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    throw new CredentialUnavailable(`${file}: read: got ${code}; a file that this user may read would do`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new CredentialUnavailable(`${file}: got a file that is not JSON; what docker login writes would do`);
  }
}
