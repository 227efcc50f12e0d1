import { type Family, type Fault, writeHead } from '../fault';
import type { Answer, Exchange } from '../proxy';
import { at } from '../target';

const READ = [...at('source', 'blob', 'manifest', 'token', 'tags', 'referrers'), ...at('destination', 'token')];
const CUT = /no answer from/;

/** The head of the answer with its whole length, and its first bytes alone. */
async function cut(exchange: Exchange, length: (body: Buffer) => number, changes = {}): Promise<void> {
  const answer = await exchange.forward(changes);
  writeHead(exchange, answer.status, { ...answer.headers, 'content-length': String(answer.body.length) });
  exchange.write(answer.body.subarray(0, length(answer.body)));
  exchange.end();
}

const cuts = (where: string, length: (body: Buffer) => number): Fault => ({
  name: `cuts an answer ${where}`,
  places: READ,
  strike: (exchange) => cut(exchange, length),
  always: CUT,
});

const WITHOUT_RANGE = { headers: { range: undefined } };

/** Answers whose bytes do not all arrive, or not as they were. */
export const bodies: Family = {
  name: 'Bodies',
  faults: [
    cuts('before its first byte', () => 0),
    cuts('after its first byte', () => 1),
    cuts('in the middle', (body) => Math.floor(body.length / 2)),
    cuts('before its last byte', (body) => body.length - 1),
    {
      name: 'cuts a blob in the middle and knows no ranges',
      places: at('source', 'blob'),
      strike: (exchange) => cut(exchange, (body) => Math.floor(body.length / 2), WITHOUT_RANGE),
      always: CUT,
    },
    {
      name: 'cuts a blob in the middle and continues at another byte',
      places: at('source', 'blob'),
      async strike(exchange) {
        const { range } = exchange.request.headers;
        if (range === undefined) return cut(exchange, (body) => Math.floor(body.length / 2));
        const from = Number(/\d+/.exec(range)?.[0]) + 1;
        const answer = await exchange.forward({ headers: { range: `bytes=${from}-` } });
        exchange.reply(answer);
      },
      always: CUT,
    },
    {
      name: 'cuts a blob in the middle and refuses ranges',
      places: at('source', 'blob'),
      async strike(exchange) {
        if (exchange.request.headers.range === undefined) return cut(exchange, (body) => Math.floor(body.length / 2));
        exchange.reply({ status: 416, headers: {}, body: Buffer.alloc(0) });
      },
      always: CUT,
    },
    {
      name: 'flips a byte',
      places: at('source', 'blob', 'manifest'),
      async strike(exchange) {
        const answer = await exchange.forward();
        exchange.reply(answer.status === 200 ? flipped(answer) : answer);
      },
      always: /got content of sha256/,
    },
    {
      name: 'sends other bytes of the same length from the middle on',
      places: at('source', 'blob'),
      async strike(exchange) {
        const answer = await exchange.forward();
        const body = Buffer.concat([answer.body.subarray(0, answer.body.length / 2), Buffer.alloc(answer.body.length)]);
        exchange.reply({ ...answer, body: body.subarray(0, answer.body.length) });
      },
      always: /got content of sha256/,
    },
  ],
};

function flipped(answer: Answer): Answer {
  const body = Buffer.from(answer.body);
  const middle = Math.floor(body.length / 2);
  body[middle] = (body[middle] ?? 0) ^ 0xff;
  return { ...answer, body };
}
