import type { HttpAnswer, HttpRequest } from '../../../../engine/registry/exchange';
import { hostsOf } from '../../../../engine/registry/hosts';
import { openTransport, type Transport } from '../../../../engine/registry/transport';
import { anonymous, collect, failureOf, streamOf } from '../scripted';
import { answering, type Peer, type RawServer, serveRaw, until } from './raw-server';

const opened: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function serve(said: (peer: Peer) => void): Promise<RawServer> {
  const server = await serveRaw(said);
  opened.push(server);
  return server;
}

function transportTo(server: RawServer, idleTimeout = 2_000): Transport {
  const transport = openTransport(hostsOf({ plainHttp: [server.host] }), { credentials: anonymous, idleTimeout });
  opened.push(transport);
  return transport;
}

function asked(server: RawServer, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url: new URL(`http://${server.host}/x`), headers: {}, ...more };
}

async function text({ body }: HttpAnswer): Promise<string> {
  return (await collect(body)).toString('latin1');
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc';
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\nX: y\r\n\r\n';
/** Those that keep the process alive. */
const timersNow = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
const codeOf = (error: Error) => (error as { code?: string }).code;

describe('a connection', () => {
  it.each([
    ['of a known length', OK],
    ['in chunks', CHUNKED],
    ['after interim ones', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: <a>\r\n\r\n${OK}`],
  ])('is used again after an answer %s', async (_, answer) => {
    const server = await serve(answering(answer));
    const transport = transportTo(server);
    for (let i = 0; i < 5; i++) expect(await text(await transport.exchange(asked(server)))).toBe('abc');
    expect(server.peers).toHaveLength(1);
  });

  it.each([
    ['the peer closes it', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc'],
    ['the peer speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc'],
    ['the peer keeps none', 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 3\r\n\r\nabc'],
    ['more came than the answer', `${OK}${OK}`],
    ['more came than the last chunk', `${CHUNKED}x`],
  ])('is not used again, and is ended, when %s', async (_, answer) => {
    const server = await serve(answering(answer));
    const transport = transportTo(server);
    for (let i = 1; i <= 2; i++) {
      expect(await text(await transport.exchange(asked(server)))).toBe('abc');
      expect(server.peers).toHaveLength(i);
      await until(() => server.open() === 0);
    }
  });

  it('is ended when something comes that nobody asked for', async () => {
    const server = await serve(answering(OK));
    const transport = transportTo(server);
    await text(await transport.exchange(asked(server)));
    server.peers[0]?.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
    await until(() => server.open() === 0);
    expect(await text(await transport.exchange(asked(server)))).toBe('abc');
  });

  it('is opened anew when the peer has closed it meanwhile', async () => {
    const server = await serve(answering(OK));
    const transport = transportTo(server);
    await text(await transport.exchange(asked(server)));
    server.peers[0]?.socket.end();
    await until(() => server.open() === 0);
    expect(await text(await transport.exchange(asked(server)))).toBe('abc');
    expect(server.peers).toHaveLength(2);
  });

  it('is opened anew, once, when the peer closes it as the request comes', async () => {
    const server = await serve((peer) => {
      const requests = peer.heard.split('\r\n\r\n').length - 1;
      if (requests > 1) peer.socket.destroy();
      else peer.socket.write(OK);
    });
    const transport = transportTo(server);
    for (let i = 1; i <= 3; i++) {
      expect(await text(await transport.exchange(asked(server, { body: Buffer.alloc(0), method: 'POST' })))).toBe(
        'abc',
      );
      expect(server.peers).toHaveLength(i);
    }
  });

  it('that breaks under a stream is not replaced: the stream was begun', async () => {
    const server = await serve((peer) => {
      if (peer.heard.includes('PUT')) peer.socket.destroy();
      else peer.socket.write(OK);
    });
    const transport = transportTo(server);
    await text(await transport.exchange(asked(server)));
    const body = { bytes: streamOf(Buffer.from('abc')), size: 3 };
    const error = await failureOf(transport.exchange(asked(server, { method: 'PUT', body })));
    expect(codeOf(error)).toMatch(/^(ECONNRESET|EPIPE)$/);
    expect(server.peers).toHaveLength(1);
  });

  it('that breaks when new is an error', async () => {
    const server = await serve((peer) => peer.socket.end());
    const error = await failureOf(transportTo(server).exchange(asked(server)));
    expect(codeOf(error)).toBe('ECONNRESET');
    expect(server.peers).toHaveLength(1);
  });

  it('carries one request at a time', async () => {
    const server = await serve(answering((peer) => `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${peer.index}`));
    const transport = transportTo(server);
    const answers = await Promise.all([1, 2, 3].map(() => transport.exchange(asked(server))));
    expect((await Promise.all(answers.map(text))).sort()).toEqual(['0', '1', '2']);
    await text(await transport.exchange(asked(server)));
    expect(server.peers).toHaveLength(3);
  });

  it('is ended by closing the transport: at once when idle, else with its answer', async () => {
    const server = await serve((peer) => {
      peer.socket.write(peer.heard.includes('/slow') ? OK.slice(0, -1) : OK);
    });
    const transport = transportTo(server);
    const slow = await transport.exchange(asked(server, { url: new URL(`http://${server.host}/slow`) }));
    await text(await transport.exchange(asked(server)));
    expect(server.open()).toBe(2);
    transport.close();
    await until(() => server.open() === 1);
    server.peers[0]?.socket.write('c');
    expect(await text(slow)).toBe('abc');
    await until(() => server.open() === 0);
  });
});

describe('an answer', () => {
  it('may come byte by byte', async () => {
    const server = await serve((peer) => {
      [...CHUNKED].forEach((byte, i) => {
        setTimeout(() => peer.socket.write(byte), i);
      });
    });
    expect(await text(await transportTo(server).exchange(asked(server)))).toBe('abc');
  });

  it('may end with the connection when it has no length', async () => {
    const server = await serve((peer) => peer.socket.end('HTTP/1.1 200 OK\r\n\r\nabc'));
    expect(await text(await transportTo(server).exchange(asked(server)))).toBe('abc');
  });

  it.each([
    ['of a known length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc'],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
  ])('%s that is cut off is an error, after what has come', async (_, answer) => {
    const server = await serve((peer) => peer.socket.end(answer));
    const { body } = await transportTo(server).exchange(asked(server));
    const got: Uint8Array[] = [];
    const error = await failureOf(
      (async () => {
        for await (const chunk of body) got.push(chunk);
      })(),
    );
    expect(Buffer.concat(got).toString()).toBe('abc');
    expect(codeOf(error)).toBe('ECONNRESET');
  });

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', 'ERR_MALFORMED_ANSWER'],
    ['two ends', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n', 'ERR_MALFORMED_ANSWER'],
    ['endless headers', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`, 'HPE_HEADER_OVERFLOW'],
  ])('that is %s is refused, and the connection ended', async (_, answer, code) => {
    const server = await serve((peer) => peer.socket.write(answer));
    expect(codeOf(await failureOf(transportTo(server).exchange(asked(server))))).toBe(code);
    await until(() => server.open() === 0);
  });

  it('that comes before the question is none', async () => {
    const server = await serve(() => undefined);
    async function* late() {
      await until(() => server.peers.length === 1);
      server.peers[0]?.socket.write(OK);
      await until(() => server.open() === 0);
      yield Buffer.from('abc');
    }
    const body = { bytes: late(), size: 3 };
    const error = await failureOf(transportTo(server).exchange(asked(server, { method: 'PUT', body })));
    expect(codeOf(error)).toBe('ECONNRESET');
    expect(server.peers[0]?.heard).toBe('');
  });

  it('is brought as fast as it is read, and no faster', async () => {
    const size = 64 * 1024 * 1024;
    const server = await serve((peer) => {
      peer.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      peer.socket.write(Buffer.alloc(size, 'x'));
    });
    const { body } = await transportTo(server).exchange(asked(server));
    await new Promise((resolve) => setTimeout(resolve, 100));
    // What the kernel holds for both ends is far less.
    expect(server.peers[0]?.socket.writableLength).toBeGreaterThan(size / 2);
    let got = 0;
    for await (const chunk of body) {
      expect(chunk.length).toBeLessThanOrEqual(256 * 1024);
      got += chunk.length;
    }
    expect(got).toBe(size);
  });
});

describe('a request', () => {
  it('sends its head and a short body as they are', async () => {
    const server = await serve((peer) => {
      if (peer.heard.endsWith('hello')) peer.socket.write(OK);
    });
    const request = asked(server, { method: 'PUT', headers: { 'x-a': 'b' }, body: Buffer.from('hello') });
    await text(await transportTo(server).exchange(request));
    expect(server.peers[0]?.heard.split('\r\n')).toEqual([
      'PUT /x HTTP/1.1',
      `host: ${server.host}`,
      'connection: keep-alive',
      'user-agent: ecr-mirror',
      'accept-encoding: identity',
      'x-a: b',
      'content-length: 5',
      '',
      'hello',
    ]);
  });

  it('with a header that would be two is not sent', async () => {
    const server = await serve(() => undefined);
    const error = await failureOf(transportTo(server).exchange(asked(server, { headers: { x: 'a\r\nb: c' } })));
    expect(codeOf(error)).toBe('ERR_INVALID_CHAR');
    expect(server.peers).toHaveLength(0);
  });

  it.each([
    ['fewer', 'ab'],
    ['more', 'abcd'],
  ])('whose stream has %s bytes than announced is broken off', async (word, bytes) => {
    const server = await serve(() => undefined);
    const body = { bytes: streamOf(Buffer.from(bytes)), size: 3 };
    const error = await failureOf(transportTo(server).exchange(asked(server, { method: 'PUT', body })));
    expect(error.message).toMatch(word);
    await until(() => server.open() === 0);
    expect(server.peers.map(({ heard }) => heard).join('')).not.toMatch(/abc/);
  });

  it('is answered early, and sends no more', async () => {
    let pulled = 0;
    async function* endless() {
      for (; pulled < 4000; pulled++) yield Buffer.alloc(65_536);
    }
    const server = await serve((peer) => {
      if (!peer.socket.writableEnded) peer.socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno');
    });
    const body = { bytes: endless(), size: 4000 * 65_536 };
    const answer = await transportTo(server).exchange(asked(server, { method: 'PUT', body }));
    expect(answer.status).toBe(413);
    expect(await text(answer)).toBe('no');
    expect(pulled).toBeLessThan(4000);
    await until(() => server.open() === 0);
  });

  it('is not through until its body is, though it was answered', async () => {
    const server = await serve((peer) => {
      if (peer.heard.endsWith('ab')) peer.socket.write(OK);
    });
    async function* slow() {
      yield Buffer.from('ab');
      await until(() => server.peers[0]?.heard.endsWith('ab') === true);
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield Buffer.from('X');
    }
    const body = { bytes: slow(), size: 3 };
    const answer = await transportTo(server).exchange(asked(server, { method: 'PUT', body }));
    expect(await text(answer)).toBe('abc');
    await until(() => server.peers[0]?.heard.endsWith('abX') === true);
  });
});

describe('told to stop', () => {
  const reason = new Error('told to stop');
  /** Bytes of one read of the server's. */
  const FIRST = 64 * 1024;
  const stages: [string, (peer: Peer) => void, Partial<HttpRequest>][] = [
    ['before an answer', () => undefined, {}],
    ['in the middle of a head', (peer) => peer.socket.write('HTTP/1.1 200 OK\r\nX: '), {}],
    ['in the middle of a body', (peer) => peer.socket.write(OK.slice(0, -1)), {}],
    [
      'while a stream has nothing to send',
      () => undefined,
      {
        method: 'PUT',
        body: { bytes: { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }, size: 5 },
      },
    ],
    [
      'while the peer reads nothing',
      (peer) => peer.heard.length <= FIRST && peer.socket.pause(),
      { method: 'PUT', body: Buffer.alloc(64 * 1024 * 1024) },
    ],
  ];

  it.each(stages)('%s, ends with the reason and leaves no socket and no timer', async (_, said, more) => {
    const server = await serve(said);
    const stop = new AbortController();
    setTimeout(() => stop.abort(reason), 40);
    const timers = timersNow();
    const ending = (async () =>
      text(await transportTo(server).exchange(asked(server, { ...more, signal: stop.signal }))))();
    expect(await failureOf(ending)).toBe(reason);
    await until(() => timersNow() <= timers);
    for (const { socket } of server.peers) socket.resume();
    await until(() => server.open() === 0);
  });

  it('while it connects, ends with the reason', async () => {
    const server = await serve(() => undefined);
    const stop = new AbortController();
    const ending = transportTo(server).exchange(asked(server, { signal: stop.signal }));
    stop.abort(reason);
    expect(await failureOf(ending)).toBe(reason);
    await until(() => server.open() === 0);
  });

  it('when all has come, and is not read, ends with the reason; the connection is another’s by then', async () => {
    const server = await serve(answering(OK));
    const transport = transportTo(server);
    const stop = new AbortController();
    const answer = await transport.exchange(asked(server, { signal: stop.signal }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const next = await transport.exchange(asked(server));
    stop.abort(reason);
    expect(await failureOf(text(answer))).toBe(reason);
    expect(await text(next)).toBe('abc');
    expect(server.peers).toHaveLength(1);
  });
});

describe('connections that are expected', () => {
  const arrived = (server: RawServer, count: number) => until(() => server.peers.length === count);

  it('are opened ahead, and are those that requests then take', async () => {
    const server = await serve(answering(OK));
    const transport = transportTo(server);
    transport.expect(new URL(`http://${server.host}/`), 3);
    await arrived(server, 3);
    const answers = await Promise.all([1, 2, 3].map(() => transport.exchange(asked(server))));
    for (const answer of answers) expect(await text(answer)).toBe('abc');
    transport.expect(new URL(`http://${server.host}/`), 3);
    expect(await text(await transport.exchange(asked(server)))).toBe('abc');
    expect(server.peers).toHaveLength(3);
  });

  it('are replaced when the peer has closed them before the request', async () => {
    const server = await serve(answering(OK));
    const transport = transportTo(server);
    transport.expect(new URL(`http://${server.host}/`), 1);
    await arrived(server, 1);
    server.peers[0]?.socket.resetAndDestroy();
    expect(await text(await transport.exchange(asked(server)))).toBe('abc');
    expect(server.peers).toHaveLength(2);
  });

  it('go where settings allow alone, and say nothing of what is wrong', async () => {
    const server = await serve(answering(OK));
    const strict = openTransport(hostsOf({}), { credentials: anonymous });
    opened.push(strict);
    strict.expect(new URL(`http://${server.host}/`), 2);
    strict.expect(new URL('https://169.254.169.254/'), 2);
    const transport = transportTo(server);
    transport.expect(new URL('http://127.0.0.1:1/'), 2);
    expect(await text(await transport.exchange(asked(server)))).toBe('abc');
    expect(server.peers).toHaveLength(1);
  });
});
