import { answering, type Family } from '../fault';
import type { Exchange } from '../proxy';
import { at } from '../target';

/** Bytes of a page: so a list is too long after a hundred of them. */
const LONG = 320 * 1024;

const LISTS = at('source', 'tags', 'referrers');

/** A page in the shape of what was asked for, and where the next one is. */
async function page(exchange: Exchange, link: string, name = 'tag'): Promise<void> {
  const body =
    exchange.target === 'tags'
      ? { name: 'app', tags: [name] }
      : { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] };
  const headers = { link: `<${link}>; rel="next"`, 'content-type': 'application/vnd.oci.image.index.v1+json' };
  await answering(200, headers, JSON.stringify(body).padEnd(LONG))(exchange);
}

function nextOf(exchange: Exchange): string {
  const url = new URL(exchange.path, 'http://registry');
  url.searchParams.set('last', String(Number(url.searchParams.get('last') ?? '0') + 1));
  return `${url.pathname}${url.search}`;
}

/** Lists that lead astray. */
export const lists: Family = {
  name: 'Lists',
  faults: [
    {
      name: 'has always one more page',
      places: LISTS,
      strike: (exchange) => page(exchange, nextOf(exchange)),
      always: /a list of more than 33554432 bytes/,
      // A page that was made up is no list: nothing tells that a tag is missing.
      random: false,
    },
    {
      name: 'leads from page to page in a circle',
      places: LISTS,
      strike: (exchange) => page(exchange, exchange.path),
      always: /in a circle/,
    },
    {
      name: 'has its next page at another host',
      places: LISTS,
      strike: (exchange, { hosts }) => page(exchange, `${hosts.stranger.url}/v2/app/tags/list`),
      once: /leads to another host/,
      always: /leads to another host/,
    },
    {
      name: 'has its next page where there is none',
      places: LISTS,
      strike: (exchange) => page(exchange, 'http://['),
      once: /leads to another host/,
      always: /leads to another host/,
    },
  ],
};
