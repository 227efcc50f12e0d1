import { randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { HttpRequest } from '../../../../engine/registry/exchange';
import { hostsOf } from '../../../../engine/registry/hosts';
import { openTransport, type Transport } from '../../../../engine/registry/transport';
import { newSecret } from '../../../../local/canary';
import { type Authority, makeAuthority } from '../../../../local/certificates';
import { anonymous, collect, failureOf, streamOf } from '../scripted';
import { answering, type Peer, type RawServer, serveRaw, until } from './raw-server';

const opened: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

let authority: Authority;
beforeAll(() => {
  authority = makeAuthority();
});

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc';
const CLOSED = OK.replace('OK', 'OK\r\nConnection: close');

interface Setting {
  readonly issued?: string;
  readonly named?: string;
  readonly trusted?: boolean;
}

/** A server with a certificate for `issued`, and a transport that may reach it as `named`. */
async function open(said: (peer: Peer) => void, setting: Setting = {}) {
  const { issued = '127.0.0.1', trusted = true } = setting;
  const { named = issued } = setting;
  const server = await serveRaw(said, authority.issue(issued));
  opened.push(server);
  const privateHosts = [`${named}:${server.port}`];
  const ca = trusted ? authority.cert : undefined;
  const transport = openTransport(hostsOf({ privateHosts }), { credentials: anonymous, idleTimeout: 5_000, ca });
  opened.push(transport);
  const url = new URL(`https://${named}:${server.port}/x`);
  return {
    server,
    ask: (more: Partial<HttpRequest> = {}) => ask(transport, { method: 'GET', url, headers: {}, ...more }),
  };
}

async function ask(transport: Transport, request: HttpRequest): Promise<Buffer> {
  return collect((await transport.exchange(request)).body);
}

const secure = (server: RawServer, index: number) => server.peers[index]?.socket as TLSSocket;

describe('a connection with TLS', () => {
  it('is used again', async () => {
    const { server, ask } = await open(answering(OK));
    for (let i = 0; i < 3; i++) expect(String(await ask())).toBe('abc');
    expect(server.peers).toHaveLength(1);
  });

  it('names the host it wants, and no address', async () => {
    const byName = await open(answering(OK), { issued: 'localhost' });
    await byName.ask();
    expect(secure(byName.server, 0).servername).toBe('localhost');
    const byAddress = await open(answering(OK));
    await byAddress.ask();
    expect(secure(byAddress.server, 0).servername).toBe(false);
  });

  it('takes up the session of the one before', async () => {
    const resumed: boolean[] = [];
    const answer = answering(CLOSED);
    const { server, ask } = await open((peer) => {
      resumed.push((peer.socket as TLSSocket).isSessionReused());
      answer(peer);
    });
    for (let i = 0; i < 2; i++) {
      await ask();
      await until(() => server.open() === 0);
    }
    expect(resumed).toEqual([false, true]);
  });

  it.each([
    ['another host', { issued: 'other.example', named: '127.0.0.1' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['an unknown authority', { trusted: false }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ])('to a certificate of %s ends before a byte of the request is sent', async (_, setting, code) => {
    const { server, ask } = await open(answering(OK), setting);
    const error = await failureOf(ask({ headers: { authorization: `Bearer ${newSecret()}` } }));
    expect((error as { code?: string }).code).toBe(code);
    await until(() => server.open() === 0);
    expect(server.peers.map(({ heard }) => heard).join('')).toBe('');
  });

  it('brings a large body whole, and who is behind in pieces of many records', async () => {
    const bytes = randomBytes(8 * 1024 * 1024);
    const { ask } = await open((peer) => {
      peer.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`);
      peer.socket.write(bytes);
    });
    const lengths: number[] = [];
    const whole = await ask({ received: (length) => lengths.push(length) });
    expect(whole.equals(bytes)).toBe(true);
    expect(lengths.length).toBeLessThan(bytes.length / (16 * 1024));
  });

  it('takes a large body whole', async () => {
    const bytes = randomBytes(8 * 1024 * 1024);
    const { server, ask } = await open((peer) => {
      const body = peer.heard.indexOf('\r\n\r\n') + 4;
      if (peer.heard.length === body + bytes.length) peer.socket.write(OK);
    });
    const parts = [bytes.subarray(0, 1), bytes.subarray(1, 3_000_000), bytes.subarray(3_000_000)];
    await ask({ method: 'PUT', body: { bytes: streamOf(...parts), size: bytes.length } });
    const { heard } = server.peers[0] as Peer;
    expect(Buffer.from(heard.slice(-bytes.length), 'latin1').equals(bytes)).toBe(true);
  });
});
