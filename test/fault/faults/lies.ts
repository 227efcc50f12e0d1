import { gzipSync } from 'node:zlib';
import { altering, answering, type Family, writeHead } from '../fault';
import { at } from '../target';

const OTHER = `sha256:${'0'.repeat(64)}`;
const OTHER_MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: OTHER, size: 2 },
  layers: [],
});
const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';

/** Answers that are whole and say what is not so. */
export const lies: Family = {
  name: 'Lies',
  faults: [
    {
      name: 'says that a blob is shorter',
      places: at('source', 'blob'),
      strike: altering(({ body }) => ({ body: body.subarray(0, -1) })),
      always: /offers \d+ bytes; \d+ were announced/,
    },
    {
      name: 'says that a blob is longer',
      places: at('source', 'blob'),
      strike: altering(({ body }) => ({ body: Buffer.concat([body, Buffer.from('more')]) })),
      always: /offers \d+ bytes; \d+ were announced/,
    },
    {
      name: 'sends more than the blob without saying its length',
      places: at('source', 'blob'),
      async strike(exchange) {
        const { status, headers, body } = await exchange.forward();
        writeHead(exchange, status, { ...without(headers, 'content-length'), connection: 'close' });
        exchange.write(body);
        exchange.write('more');
        exchange.end();
      },
      always: /got more than the \d+ bytes announced/,
    },
    {
      name: 'announces more than it sends and keeps the connection',
      slow: true,
      places: at('source', 'blob', 'manifest'),
      async strike(exchange) {
        const { status, headers, body } = await exchange.forward();
        writeHead(exchange, status, { ...headers, 'content-length': String(body.length + 10) });
        exchange.write(body);
      },
      always: { blob: /offers \d+ bytes/, rest: /nothing moved for/ },
    },
    {
      name: 'names another digest for a tag',
      places: at('source', 'head'),
      strike: altering(({ headers }) => ({ headers: { ...headers, 'docker-content-digest': OTHER } })),
      once: /404/,
      always: /404/,
    },
    {
      name: 'names no digest',
      places: at('source', 'head', 'manifest'),
      strike: altering(({ headers }) => ({ headers: without(headers, 'docker-content-digest') })),
      always: 'exact',
    },
    {
      name: 'names another digest beside the right bytes',
      places: at('source', 'manifest', 'blob'),
      strike: altering(({ headers }) => ({ headers: { ...headers, 'docker-content-digest': OTHER } })),
      always: 'exact',
    },
    {
      name: 'says that it stored another digest',
      places: at('destination', 'upload', 'push'),
      strike: altering(({ headers }) => ({ headers: { ...headers, 'docker-content-digest': OTHER } })),
      once: { push: /stored it as sha256:0/, rest: 'exact' },
      always: /stored it as sha256:0/,
    },
    {
      name: 'names a media type that is none of a manifest',
      places: at('source', 'head', 'manifest'),
      strike: altering(({ headers }) => ({ headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' } })),
      always: 'exact',
    },
    {
      name: 'says that an index is an image',
      places: at('source', 'head'),
      strike: altering(({ headers }) => ({ headers: { ...headers, 'content-type': OCI_IMAGE } })),
      once: /got an index; an image, as was announced, would do/,
      always: /got an index; an image, as was announced, would do/,
    },
    {
      name: 'answers another manifest than the one asked for',
      places: at('source', 'manifest'),
      strike: answering(200, { 'content-type': OCI_IMAGE }, OTHER_MANIFEST),
      always: /were announced|got content of sha256/,
    },
    {
      name: 'compresses what nobody wanted compressed',
      places: at('source', 'blob', 'manifest', 'tags', 'token', 'referrers'),
      strike: altering(({ headers, body }) => {
        const packed = gzipSync(body);
        return {
          headers: { ...headers, 'content-encoding': 'gzip', 'content-length': String(packed.length) },
          body: packed,
        };
      }),
      once: { token: /holds no token/, referrers: /encoded/, rest: 'exact' },
      always: { token: /holds no token/, tags: /no list of tags/, rest: /encoded/ },
    },
    {
      name: 'answers 200 with a page for people',
      places: at('source', 'blob', 'head', 'manifest', 'tags', 'token'),
      strike: answering(200, { 'content-type': 'text/html' }, '<html>Welcome to the airport. Please sign in.</html>'),
      once: { token: /holds no token/, tags: /no list of tags/, rest: 'exact' },
      always: {
        head: 'exact',
        token: /holds no token/,
        tags: /no list of tags/,
        blob: /offers \d+ bytes/,
        rest: /got content of sha256|were announced/,
      },
    },
    {
      name: 'answers with nothing at all',
      places: [...at('source', 'blob', 'manifest', 'tags', 'token'), ...at('destination', 'token')],
      strike: answering(200),
      once: { token: /holds no token/, tags: /no list of tags/, rest: 'exact' },
      always: {
        token: /holds no token/,
        tags: /no list of tags/,
        blob: /offers 0 bytes/,
        rest: /got content of sha256|were announced/,
      },
    },
    {
      name: 'answers with a list that is none',
      places: at('source', 'referrers', 'tags'),
      strike: answering(200, { 'content-type': 'application/vnd.oci.image.index.v1+json' }, '{"manifests":[{"media'),
      once: /is no list/,
      always: /is no list/,
    },
  ],
};

function without(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
}
