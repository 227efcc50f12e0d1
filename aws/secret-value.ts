import { credentialFromDockerConfig, credentialFromPair } from '../engine/docker-config';
import type { Credential } from '../engine/ports';

/** What a registry's secret may hold, for messages. */
export const SECRET_SHAPES =
  'JSON with username and password, JSON with username and accessToken, user:password, or a Docker config.json would do';

/**
 * The credential in a secret, or undefined when the secret holds none of the shapes.
 *
 * @param place the registry, or a repository in it, that a Docker config.json is asked about
 */
export function credentialFromSecret(text: string, place: string): Credential | undefined {
  const document = parseJson(text);
  if (document === undefined) return credentialFromPair(text.trim());
  const { username, password, accessToken } = document;
  const secret = password ?? accessToken;
  if (typeof username === 'string' && typeof secret === 'string' && username !== '' && secret !== '') {
    return { kind: 'basic', username, password: secret };
  }
  const found = credentialFromDockerConfig(document, place);
  return found !== undefined && 'helper' in found ? found.otherwise : found;
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
