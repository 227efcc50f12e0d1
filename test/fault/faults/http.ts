import { altering, type Family, writeHead } from '../fault';
import type { Answer, Exchange } from '../proxy';
import { at } from '../target';

const READ = at('source', 'blob', 'manifest', 'tags', 'token');
const ANSWERED = [...READ, ...at('destination', 'push')];
const BROKEN = /no answer from/;

function bare({ headers }: Answer): Record<string, string> {
  const { 'content-length': _, ...rest } = headers;
  return rest;
}

async function chunked(exchange: Exchange, tail: (body: Buffer) => (string | Buffer)[]): Promise<void> {
  const answer = await exchange.forward();
  writeHead(exchange, answer.status, { ...bare(answer), 'transfer-encoding': 'chunked' });
  for (const part of tail(answer.body)) exchange.write(part);
  exchange.end();
}

/** Peers whose HTTP is unusual, or broken. */
export const http: Family = {
  name: 'HTTP',
  faults: [
    {
      name: 'says no length and closes the connection at the end',
      places: READ,
      async strike(exchange) {
        const answer = await exchange.forward();
        writeHead(exchange, answer.status, { ...bare(answer), connection: 'close' });
        exchange.write(answer.body);
        exchange.end();
      },
      always: 'exact',
    },
    {
      name: 'sends chunks of a byte',
      places: at('source', 'manifest', 'tags', 'token'),
      strike: (exchange) =>
        chunked(exchange, (body) => [...body].map((byte) => Buffer.from([0x31, 13, 10, byte, 13, 10])).concat(END)),
      always: 'exact',
    },
    {
      name: 'ends in the middle of a chunk',
      places: READ,
      strike: (exchange) => chunked(exchange, (body) => [`${(body.length + 9).toString(16)}\r\n`, body]),
      // A blob that is all there is taken, however its connection ended.
      always: { blob: 'exact', rest: BROKEN },
    },
    {
      name: 'leaves the last chunk out',
      places: READ,
      strike: (exchange) => chunked(exchange, (body) => [`${body.length.toString(16)}\r\n`, body, '\r\n']),
      always: { blob: 'exact', rest: BROKEN },
    },
    {
      name: 'has chunks whose length is no number',
      places: READ,
      strike: (exchange) => chunked(exchange, (body) => ['zz\r\n', body, '\r\n0\r\n\r\n']),
      always: BROKEN,
    },
    {
      name: 'says its length twice and differently',
      places: READ,
      async strike(exchange) {
        const { status, headers, body } = await exchange.forward();
        writeHead(exchange, status, { ...headers, 'content-length': `${body.length}\r\ncontent-length: 1` });
        exchange.write(body);
        exchange.end();
      },
      always: BROKEN,
    },
    {
      name: 'does not speak HTTP',
      places: READ,
      strike(exchange) {
        exchange.write('220 mail.example.com ESMTP\r\n');
        exchange.end();
      },
      always: BROKEN,
    },
    {
      name: 'closes the connection before it answers',
      places: [...ANSWERED, ...at('source', 'head'), ...at('destination', 'open', 'upload')],
      strike: (exchange) => exchange.drop(),
      always: BROKEN,
    },
    {
      name: 'closes a connection that was to be used again',
      places: [...ANSWERED, ...at('source', 'head'), ...at('destination', 'open', 'upload')],
      async strike(exchange) {
        if (exchange.turn > 1) return exchange.drop();
        exchange.reply(await exchange.forward());
      },
      // Another try may use another connection that was closed, too.
      always: ['exact', BROKEN],
    },
    {
      name: 'closes the connection after each answer without saying so',
      places: [...ANSWERED, ...at('source', 'head'), ...at('destination', 'open', 'upload')],
      async strike(exchange) {
        const { status, headers, body } = await exchange.forward();
        const length = exchange.method === 'HEAD' ? headers['content-length'] : undefined;
        writeHead(exchange, status, { ...headers, 'content-length': length ?? String(body.length) });
        exchange.write(body);
        exchange.end();
      },
      always: ['exact', BROKEN],
    },
    {
      name: 'sends more after the end of an answer',
      places: READ,
      async strike(exchange) {
        const { status, headers, body } = await exchange.forward();
        writeHead(exchange, status, { ...headers, 'content-length': String(body.length) });
        exchange.write(body);
        exchange.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil');
      },
      always: 'exact',
    },
    {
      name: 'writes its headers in capitals',
      places: READ,
      strike: altering(({ headers }) => ({
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
      })),
      always: 'exact',
    },
  ],
};

const END = Buffer.from('0\r\n\r\n');
