import { isMap } from '../../lib/model/row-reader';

/** What came to the function URL. */
export interface WebhookRequest {
  readonly method: string;
  /** Components of the path, as they were sent. */
  readonly path: readonly string[];
  /** By their names in lower case, as Lambda gives them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that were signed. */
  readonly body: Buffer;
}

/** Of a registry's webhook, generously; a function URL takes 6 MB. */
export const BODY_CEILING = 256 * 1024;

/** A request as Lambda tells it (payload format 2.0). Undefined: its body is larger than the ceiling. */
export function readRequest(event: unknown): WebhookRequest | undefined {
  const { rawPath, headers, body, isBase64Encoded, requestContext } = isMap(event) ? event : {};
  const http = isMap(requestContext) && isMap(requestContext.http) ? requestContext.http : {};
  const text = typeof body === 'string' ? body : '';
  // In base64 four characters are three bytes.
  if (text.length > (BODY_CEILING * 4) / 3 + 4) return undefined;
  const bytes = Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8');
  if (bytes.length > BODY_CEILING) return undefined;
  const entries = Object.entries(isMap(headers) ? headers : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    method: typeof http.method === 'string' ? http.method : '',
    path: typeof rawPath === 'string' ? rawPath.split('/').filter((part) => part !== '') : [],
    headers: Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value])),
    body: bytes,
  };
}
