import { RegistryError } from '../../engine/errors';
import type { Clock } from '../../engine/ports';
import { SMALL } from '../../engine/registry/answer';
import { hostsOf } from '../../engine/registry/hosts';
import { openTransport, type Transport } from '../../engine/registry/transport';
import { isMap } from '../../lib/model/row-reader';

/** Milliseconds for which keys are remembered, and between two readings that an unknown key asks for. */
const KEYS_LIFE = 60 * 60_000;
const READ_AGAIN = 60_000;
const IDLE_TIMEOUT = 5_000;
/** Milliseconds for one document. */
const PATIENCE = 5_000;

/**
 * The keys of an issuer of tokens (OpenID Connect Discovery 1.0), from its own host alone, to whose address nothing is sent
 * but to public ones.
 *
 * @param endpoints host to base URL, for a host that is reached elsewhere than its name says
 */
export function issuerKeys(
  issuer: string,
  { endpoints, clock }: { readonly endpoints: Readonly<Record<string, string>>; readonly clock: Clock },
): (fresh: boolean) => Promise<readonly unknown[]> {
  const hosts = hostsOf({ endpoints });
  const { host } = new URL(issuer);
  let transport: Transport | undefined;
  let known: { readonly at: number; readonly keys: readonly unknown[] } | undefined;

  const read = async (path: string) => {
    transport ??= openTransport(hosts, { credentials: { get: async () => undefined }, idleTimeout: IDLE_TIMEOUT });
    return readDocument(transport, new URL(path, hosts.endpoint(host)));
  };
  return async (fresh) => {
    if (known !== undefined && clock.now() - known.at < (fresh ? READ_AGAIN : KEYS_LIFE)) return known.keys;
    const { jwks_uri: uri } = await read('/.well-known/openid-configuration');
    if (typeof uri !== 'string' || !URL.canParse(uri) || new URL(uri).host !== host) {
      throw new RegistryError(
        'ANSWER_UNUSABLE',
        `${host}: keys of another host than the issuer's`,
        { status: 0 },
        'unavailable',
      );
    }
    const { keys } = await read(new URL(uri).pathname);
    known = { at: clock.now(), keys: Array.isArray(keys) ? keys : [] };
    return known.keys;
  };
}

async function readDocument(transport: Transport, url: URL): Promise<Readonly<Record<string, unknown>>> {
  const fail = (what: string) =>
    new RegistryError('ANSWER_UNUSABLE', `GET ${url.href}: ${what}`, { status: 0 }, 'unavailable');
  const answer = await transport.exchange({ method: 'GET', url, headers: {}, signal: AbortSignal.timeout(PATIENCE) });
  if (answer.status !== 200) {
    await answer.discard();
    throw fail(`got ${answer.status}; 200 would do`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.length;
    if (size > SMALL) throw fail(`got more than ${SMALL} bytes`);
    chunks.push(chunk);
  }
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  if (!isMap(value)) throw fail('got no JSON object');
  return value;
}
