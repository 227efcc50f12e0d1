import { Agent, createServer, get, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { median } from '../report/statistics';
import { startFar } from './far';
import type { Distance } from './line';

/** What the network really does on this machine. */
export interface NetworkCheck {
  /** Milliseconds of a HEAD over an open connection: the median, and the longest of the middle nine tenths. */
  readonly head: { readonly median: number; readonly most: number };
  /** Milliseconds of a first HEAD, which opens a connection. */
  readonly first: number;
  /** Bits in a second, downwards and upwards, over one connection. */
  readonly download: number;
  readonly upload: number;
  /** Bits in a second for each of `CONNECTIONS` at once. */
  readonly each: number;
}

export const CONNECTIONS = 24;
const MIB = 1024 * 1024;
const HEADS = 41;

/** A transfer of a server to itself over the network, in about five seconds. */
export async function checkNetwork(distance: Distance): Promise<NetworkCheck> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const far = startFar(distance);
  try {
    const url = `http://${await far.open(`127.0.0.1:${(server.address() as AddressInfo).port}`)}/`;
    const [first, ...heads] = await headTimes(url);
    const sorted = heads.sort((a, b) => a - b);
    return {
      head: { median: median(heads), most: sorted[Math.floor(sorted.length * 0.95) - 1] ?? 0 },
      first: first ?? 0,
      download: await download(url, 64 * MIB),
      upload: await upload(url, 64 * MIB),
      each: median(await Promise.all(Array.from({ length: CONNECTIONS }, () => download(url, 8 * MIB)))),
    };
  } finally {
    await far.end();
    await closed(server);
  }
}

/** As many bytes as `?bytes=` asks for; an upload is read to its end. */
const answer: Parameters<typeof createServer>[1] = (incoming, outgoing) => {
  const size = Number(new URL(incoming.url ?? '/', 'http://localhost').searchParams.get('bytes') ?? 0);
  let [at, began] = [0, 0];
  incoming.on('data', (bytes: Buffer) => {
    began ||= performance.now();
    at += bytes.length;
  });
  incoming.once('end', () => {
    const rate = at === 0 ? 0 : (at * 8000) / (performance.now() - began);
    outgoing.writeHead(200, { 'content-length': String(size), rate: String(rate) });
    outgoing.end(incoming.method === 'HEAD' ? undefined : Buffer.alloc(size));
  });
};

async function headTimes(url: string): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  for (let at = 0; at < HEADS; at += 1) {
    const began = performance.now();
    await new Promise<void>((resolve, reject) => {
      const sent = request(url, { method: 'HEAD', agent }, (answered) => {
        answered.resume().once('end', resolve);
      });
      sent.once('error', reject).end();
    });
    times.push(performance.now() - began);
  }
  agent.destroy();
  return times;
}

/** Bits in a second between the first and the last byte. */
function download(url: string, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = get(`${url}?bytes=${bytes}`, { agent: false }, (answered) => {
      let [at, began] = [0, 0];
      answered.on('data', (chunk: Buffer) => {
        if (began === 0) began = performance.now();
        else at += chunk.length;
      });
      answered.once('end', () => resolve((at * 8000) / (performance.now() - began)));
      answered.once('error', reject);
    });
    sent.once('error', reject);
  });
}

function upload(url: string, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': String(bytes) };
    const sent = request(url, { method: 'PUT', agent: false, headers }, (answered) => {
      answered.resume().once('end', () => resolve(Number(answered.headers.rate)));
    });
    sent.once('error', reject);
    sent.end(Buffer.alloc(bytes));
  });
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
