import { type EndingsBy, type Family, type Fault, type Surroundings, writeHead } from '../fault';
import type { Exchange } from '../proxy';
import { at, type Place } from '../target';

const KIB_64 = 64 * 1024;
const MIB = 2 ** 20;
const READ = at('source', 'blob', 'manifest', 'token', 'tags');
const SILENT = /nothing moved for|did not end for/;
const EVERY: Place[] = [
  ...at('source', 'blob', 'manifest', 'head', 'token', 'tags', 'referrers'),
  ...at('destination', 'token', 'open', 'upload', 'push'),
];

/** Says the same until the peer has enough. */
async function pour(exchange: Exchange, chunk: Buffer, { done }: Surroundings): Promise<void> {
  const { socket } = exchange.request;
  let poured = 0;
  // The peer may stop reading, which ends it, too.
  while (!socket.destroyed) {
    poured += chunk.length;
    done.poured = Math.max(done.poured, poured);
    if (!exchange.write(chunk)) {
      await new Promise<void>((resolve) => {
        const go = () => {
          socket.off('drain', go).off('close', go);
          resolve();
        };
        socket.on('drain', go).on('close', go);
      });
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Says one byte at a time, more often than a peer gives up. */
function drip(exchange: Exchange, byte: string): void {
  const timer = setInterval(() => {
    if (!exchange.write(byte)) clearInterval(timer);
  }, 20);
  exchange.request.socket.once('close', () => clearInterval(timer));
}

const endless = (
  name: string,
  places: readonly Place[],
  status: number,
  ceiling: number,
  always: RegExp,
  once: EndingsBy = always,
): Fault => ({
  name,
  places,
  async strike(exchange: Exchange, world: Surroundings) {
    writeHead(exchange, status, { 'content-type': 'application/json', connection: 'close' });
    await pour(exchange, Buffer.alloc(65_536, ' '), world);
  },
  ceiling,
  once,
  always,
});

/** Peers that keep others waiting, or never come to an end. */
export const silence: Family = {
  name: 'Silence, and no end',
  faults: [
    { name: 'takes a request and says nothing', slow: true, places: EVERY, strike: () => undefined, always: SILENT },
    {
      name: 'takes a blob and says nothing',
      slow: true,
      places: at('destination', 'upload'),
      strike: async (exchange) => void (await exchange.body()),
      always: SILENT,
    },
    {
      name: 'stops in the middle of an answer',
      slow: true,
      places: READ,
      async strike(exchange) {
        const { status, headers, body } = await exchange.forward();
        writeHead(exchange, status, { ...headers, 'content-length': String(body.length) });
        exchange.write(body.subarray(0, body.length / 2));
      },
      always: SILENT,
    },
    {
      name: 'drips an answer a byte at a time, without end',
      slow: true,
      places: at('source', 'manifest', 'token', 'tags'),
      strike(exchange) {
        writeHead(exchange, 200, { 'content-type': 'application/json' });
        drip(exchange, ' ');
      },
      always: SILENT,
    },
    {
      name: 'drips headers without end',
      slow: true,
      places: at('source', 'blob', 'manifest'),
      strike(exchange) {
        exchange.write('HTTP/1.1 200 OK\r\nx-slow: ');
        drip(exchange, 'x');
      },
      always: SILENT,
    },
    {
      name: 'says 100 Continue again and again',
      slow: true,
      places: at('source', 'manifest'),
      strike(exchange) {
        drip(exchange, 'HTTP/1.1 100 Continue\r\n\r\n');
      },
      always: SILENT,
    },
    endless('never ends a manifest', at('source', 'manifest'), 200, 4 * MIB, /an answer of more than 4194304 bytes/),
    endless('never ends a token', at('source', 'token'), 200, KIB_64, /an answer of more than 65536 bytes/),
    endless('never ends a list of tags', at('source', 'tags'), 200, 16 * MIB, /an answer of more than 16777216 bytes/),
    endless(
      'never ends a list of referrers',
      at('source', 'referrers'),
      200,
      4 * MIB,
      /an answer of more than 4194304 bytes/,
    ),
    endless('never ends a blob', at('source', 'blob'), 200, MIB, /more than the \d+ bytes announced/, 'exact'),
    endless('never ends what it says about an error', READ, 418, KIB_64, /418/),
    {
      name: 'never ends its headers',
      places: at('source', 'blob', 'manifest', 'token'),
      async strike(exchange, world) {
        exchange.write('HTTP/1.1 200 OK\r\n');
        await pour(exchange, Buffer.from(`x-long: ${'x'.repeat(8_000)}\r\n`), world);
      },
      ceiling: KIB_64,
      once: /headers are too long/,
      always: /headers are too long/,
    },
  ],
};
