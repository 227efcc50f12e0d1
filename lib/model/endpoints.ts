import { InvalidValue } from './invalid';
import { Env } from './names';

/**
 * Reads the environment variable `REGISTRY_ENDPOINTS`: a JSON object from registry to the base URL at which it is reached.
 *
 * @throws InvalidValue unless it is one, or absent
 */
export function parseEndpoints(text: string | undefined): Readonly<Record<string, string>> {
  if (text === undefined || text === '') return {};
  const value = parseJson(text);
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isMap && Object.values(value).every((url) => typeof url === 'string' && /^https?:\/\//.test(url))) {
    return value as Record<string, string>;
  }
  throw new InvalidValue(
    `environment variable ${Env.REGISTRY_ENDPOINTS}`,
    text,
    'a JSON object from registry to its http or https URL would do',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
