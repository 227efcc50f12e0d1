import { altering, answering, type Family, refusing } from '../fault';
import type { Exchange } from '../proxy';
import { at, type Place } from '../target';

const ASKED: Place[] = [
  ...at('source', 'blob', 'manifest', 'head', 'tags'),
  ...at('destination', 'open', 'upload', 'push'),
];

/** As if the token had run out: the registry itself says what it then says. */
async function expire(exchange: Exchange): Promise<void> {
  exchange.reply(await exchange.forward({ headers: { authorization: 'Bearer of-yesterday' } }));
}

const challenge = (header: string) => answering(401, { 'www-authenticate': header });
const DENIED = /401/;

/** Tokens, challenges and who asks for them. */
export const authorization: Family = {
  name: 'Authorization',
  faults: [
    { name: 'says that a token has run out', places: ASKED, strike: expire, always: DENIED },
    {
      name: 'says 403 to a token that has run out',
      places: at('source', 'blob', 'manifest'),
      strike: refusing(403, 'DENIED', 'expired'),
      always: /403 DENIED/,
    },
    {
      name: 'asks for a token from another host',
      places: ASKED,
      strike: (exchange, { hosts }) =>
        challenge(`Bearer realm="https://private.fault.test:${hosts.stranger.host.split(':')[1]}/token"`)(exchange),
      // Of an upload under way the next attempt begins anew.
      once: { upload: ['exact', /private address/], rest: /private address/ },
      always: { upload: /401/, rest: /private address/ },
    },
    {
      name: 'asks for a token from the metadata service',
      places: at('source', 'manifest'),
      strike: challenge('Bearer realm="https://metadata.fault.test/token",service="s"'),
      once: /never connected to/,
      always: /never connected to/,
    },
    {
      name: 'asks for a token in plain http from a host not named so',
      places: at('source', 'manifest', 'blob'),
      strike: challenge('Bearer realm="http://unnamed.fault.test/token",service="s"'),
      once: /https would do/,
      always: /https would do/,
    },
    {
      name: 'asks in a way that nobody knows',
      places: at('source', 'manifest', 'tags'),
      strike: challenge('Negotiate, Digest realm="x", nonce="y"'),
      once: { tags: DENIED, rest: 'exact' },
      always: DENIED,
    },
    {
      name: 'gives an empty token',
      places: [...at('source', 'token'), ...at('destination', 'token')],
      strike: answering(200, {}, '{"token":""}'),
      once: /holds no token/,
      always: /holds no token/,
    },
    {
      name: 'gives a token that would break a header',
      places: at('source', 'token'),
      strike: answering(200, {}, JSON.stringify({ token: 'a\r\nx-injected: 1' })),
      once: /holds no token/,
      always: /holds no token/,
    },
    {
      name: 'gives a token that is worth nothing',
      places: at('source', 'token'),
      strike: answering(200, {}, '{"token":"worth-nothing"}'),
      always: DENIED,
    },
    {
      name: 'gives tokens that have run out already',
      places: at('source', 'token'),
      strike: altering(({ body }) => ({
        body: Buffer.from(JSON.stringify({ ...JSON.parse(String(body)), expires_in: -5 })),
      })),
      always: 'exact',
    },
    {
      name: 'passes a request for a token on to another host',
      places: [...at('source', 'token'), ...at('destination', 'token')],
      strike: (exchange, { hosts }) => answering(307, { location: `${hosts.stranger.url}/token` })(exchange),
      once: /must not see the credential/,
      always: /must not see the credential/,
    },
  ],
};
