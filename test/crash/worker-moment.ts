import { request as ask, type ClientRequest, type IncomingHttpHeaders } from 'node:http';
import { bodyOf } from '../fault/host';
import type { Answer, Exchange, Strike } from '../fault/proxy';

/**
 * Where in a request something happens to who asks: when nothing of it has arrived; when half of what is uploaded has, or else
 * half of the answer was sent; when the answer was sent.
 */
export type Phase = 'before' | 'during' | 'after';
export const PHASES: readonly Phase[] = ['before', 'during', 'after'];

/** What happens; false when it has ended who asked. */
export type Happening = () => Promise<boolean>;

/** Lets something happen in the middle of an exchange with the server at `url`. */
export function happening(phase: Phase, url: string, happen: Happening): Strike {
  if (phase === 'before') {
    return async (exchange) => {
      if (await happen()) exchange.reply(await exchange.forward());
      else exchange.drop();
    };
  }
  if (phase === 'after') {
    return async (exchange) => {
      exchange.reply(await exchange.forward());
      await happen();
    };
  }
  return (exchange) =>
    exchange.target === 'upload' ? halfSent(exchange, url, happen) : halfAnswered(exchange, happen);
}

async function halfSent(exchange: Exchange, url: string, happen: Happening): Promise<void> {
  const { headers } = exchange.request;
  const half = Math.floor(Number(headers['content-length'] ?? 0) / 2);
  const outgoing = ask(`${url}${exchange.path}`, { method: exchange.method, headers });
  const answer = answerTo(outgoing);
  answer.catch(() => undefined);
  try {
    let begun: Buffer | undefined = Buffer.alloc(0);
    for await (const chunk of exchange.request as AsyncIterable<Buffer>) {
      if (begun === undefined) {
        await write(outgoing, chunk);
        continue;
      }
      begun = Buffer.concat([begun, chunk]);
      if (begun.length < half) continue;
      await write(outgoing, begun.subarray(0, half));
      if (!(await happen())) throw new Error('who asked is gone');
      await write(outgoing, begun.subarray(half));
      begun = undefined;
    }
    outgoing.end();
    exchange.reply(await answer);
  } catch {
    outgoing.destroy();
    exchange.drop();
  }
}

/** Resolves when the bytes are on their way. */
function write(outgoing: ClientRequest, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    outgoing.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

function answerTo(outgoing: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      const { statusCode: status = 0, headers } = incoming;
      bodyOf(incoming).then((body) => resolve({ status, headers: textOf(headers), body }), reject);
    });
  });
}

function textOf(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => name !== 'connection' && name !== 'keep-alive');
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

async function halfAnswered(exchange: Exchange, happen: Happening): Promise<void> {
  const { status, headers, body } = await exchange.forward();
  const isHead = exchange.method === 'HEAD';
  const length = isHead ? headers['content-length'] : String(body.length);
  const fields = { ...headers, ...(length === undefined ? {} : { 'content-length': length }), connection: 'close' };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`HTTP/1.1 ${status} Whatever\r\n${lines.join('')}\r\n`);
  const answer = isHead ? head : Buffer.concat([head, body]);
  const half = Math.floor(answer.length / 2);
  exchange.write(answer.subarray(0, half));
  if (!(await happen())) return exchange.drop();
  exchange.write(answer.subarray(half));
  exchange.end();
}
