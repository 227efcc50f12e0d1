import { uploadTo } from '../elsewhere';
import { altering, type Family, refusing, writeHead } from '../fault';
import type { Exchange } from '../proxy';
import { at } from '../target';

const moved = (change: (location: URL, host: string) => string) =>
  altering((answer, { request }) => {
    const { location } = answer.headers;
    const host = request.headers.host ?? '';
    if (location === undefined) return {};
    return { headers: { ...answer.headers, location: change(new URL(location, `http://${host}`), host) } };
  });

function repositoryOf({ path }: Exchange): string {
  return /^\/v2\/(.+)\/blobs\//.exec(path)?.[1] ?? '';
}

/** Destinations that do something else with an upload than one would think. */
export const uploads: Family = {
  name: 'Uploads',
  faults: [
    {
      name: 'loses an upload session',
      places: at('destination', 'upload'),
      strike: refusing(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry'),
      always: /404 BLOB_UPLOAD_UNKNOWN/,
    },
    {
      name: 'accepts a blob and forgets it',
      places: at('destination', 'upload'),
      async strike(exchange, { registries }) {
        const answer = await exchange.forward();
        const digest = new URL(exchange.path, 'http://registry').searchParams.get('digest') ?? '';
        await registries.destination.state.deleteBlob(repositoryOf(exchange), digest);
        exchange.reply(answer);
      },
      always: /MANIFEST_BLOB_UNKNOWN/,
    },
    {
      name: 'takes half a blob and closes the connection',
      places: at('destination', 'upload'),
      async strike(exchange) {
        for await (const _ of exchange.request) break;
        exchange.drop();
      },
      always: /no answer from/,
    },
    {
      name: 'refuses in the middle of a blob and closes the connection',
      places: at('destination', 'upload'),
      async strike(exchange) {
        const body = '{"errors":[{"code":"DENIED","message":"too much"}]}';
        writeHead(exchange, 403, { 'content-length': String(body.length), connection: 'close' });
        exchange.write(body);
        exchange.end();
      },
      once: /403 DENIED too much/,
      always: /403 DENIED too much/,
    },
    {
      name: 'stores a blob and closes the connection before it says so',
      places: at('destination', 'upload', 'push'),
      async strike(exchange) {
        await exchange.forward();
        exchange.drop();
      },
      always: /no answer from/,
    },
    {
      name: 'says where no upload is to go',
      places: at('destination', 'open'),
      strike: altering(({ headers: { location: _, ...headers } }) => ({ headers })),
      always: /opened an upload without saying where/,
    },
    {
      name: 'moves an upload to a path without host',
      places: at('destination', 'open'),
      strike: moved(({ pathname }) => `${pathname}?_state=a%2Fb%3D`),
      always: 'exact',
    },
    {
      name: 'moves an upload to a path beside the one asked for',
      places: at('destination', 'open'),
      strike: moved(({ pathname }) => pathname.split('/').at(-1) ?? ''),
      always: 'exact',
    },
    {
      name: 'moves an upload to a host without scheme',
      places: at('destination', 'open'),
      strike: moved(({ pathname }, host) => `${host}${pathname}`),
      always: 'exact',
    },
    {
      name: 'moves an upload to a signed link of a bucket',
      places: at('destination', 'open'),
      strike: (exchange, { hosts }) => moved(() => uploadTo(hosts.bucket.url, repositoryOf(exchange)))(exchange),
      always: 'exact',
    },
    {
      name: 'moves an upload to a host that wants a password',
      places: at('destination', 'open'),
      strike: (exchange, { hosts }) => moved(() => `${hosts.stranger.url}/basic`)(exchange),
      once: /401/,
      always: /401/,
    },
    {
      name: 'moves an upload to the metadata service',
      places: at('destination', 'open'),
      strike: moved(() => 'https://169.254.169.254/latest/meta-data'),
      once: /never connected to/,
      always: /never connected to/,
    },
    {
      name: 'refuses to be asked whether it has a blob',
      places: at('destination', 'look'),
      strike: refusing(405, 'UNSUPPORTED', 'no HEAD'),
      always: 'exact',
    },
    {
      name: 'refuses to be asked whether it has a manifest',
      places: [...at('source', 'head'), ...at('destination', 'head')],
      strike: refusing(405, 'UNSUPPORTED', 'no HEAD'),
      always: 'exact',
    },
    {
      name: 'refuses mounts',
      repositories: 2,
      places: at('destination', 'mount'),
      strike: refusing(405, 'UNSUPPORTED', 'no mounts'),
      always: 'exact',
    },
    {
      name: 'is not allowed to mount',
      repositories: 2,
      places: at('destination', 'mount'),
      strike: refusing(403, 'DENIED', 'not from there'),
      always: 'exact',
    },
    {
      name: 'opens an upload instead of a mount',
      repositories: 2,
      places: at('destination', 'mount'),
      strike: async (exchange) => exchange.reply(await exchange.forward({ path: exchange.path.replace(/\?.*/, '') })),
      always: 'exact',
    },
    {
      name: 'says that it mounted what it did not',
      repositories: 2,
      places: at('destination', 'mount'),
      async strike(exchange) {
        await exchange.body();
        exchange.reply({ status: 201 });
      },
      always: 'exact',
    },
  ],
};
