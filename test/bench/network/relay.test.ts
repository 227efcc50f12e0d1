import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { openRelay, type Relay } from '../../../bench/network/relay';
import { seededBytes } from '../../../local/images';

/** Near enough for a test: what is asserted is what arrives, and never when. */
const DISTANCE = { roundTrip: 2, rate: 8e9 };

describe('a relay', () => {
  const opened: { server: Server; relay: Relay }[] = [];

  async function serve(onSocket: (socket: Socket) => void): Promise<number> {
    const server = createServer({ allowHalfOpen: true }, onSocket);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const relay = await openRelay(`127.0.0.1:${(server.address() as AddressInfo).port}`, DISTANCE);
    opened.push({ server, relay });
    return Number(relay.host.split(':')[1]);
  }

  afterEach(() => {
    for (const { server, relay } of opened.splice(0)) {
      relay.close();
      server.close();
    }
  });

  async function readAll(socket: Socket): Promise<Buffer> {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'end');
    return Buffer.concat(chunks);
  }

  it('carries every byte both ways, past many times what it holds', async () => {
    const bytes = seededBytes('relay', 24 * 1024 * 1024);
    const port = await serve((socket) => void socket.pipe(socket));
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const echoed = readAll(socket);
    socket.end(bytes);
    expect(
      createHash('sha256')
        .update(await echoed)
        .digest(),
    ).toEqual(createHash('sha256').update(bytes).digest());
  });

  it('ends one direction while the other goes on', async () => {
    const port = await serve(async (socket) => socket.end(`got ${(await readAll(socket)).length}`));
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.end('12345');
    expect((await readAll(socket)).toString()).toBe('got 5');
  });

  it('waits for a reader that is slow', async () => {
    let sent = 0;
    const port = await serve((socket) => {
      socket.on('error', () => {});
      const more = () => {
        while (sent < 256) {
          sent += 1;
          if (!socket.write(Buffer.alloc(1024 * 1024))) break;
        }
        if (sent < 256) socket.once('drain', more);
        else socket.end();
      };
      more();
    });
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'readable');
    // The reader takes nothing: the sender comes to rest long before its 256 MiB.
    let before = -1;
    for (let look = 0; look < 50 && before !== sent; look += 1) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(sent).toBeLessThan(128);
    socket.destroy();
  });

  it('tells the client when the server breaks off', async () => {
    const port = await serve((socket) => void socket.once('data', () => socket.resetAndDestroy()));
    const socket = connect({ port, host: '127.0.0.1' });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.write('x');
    await closed;
  });

  it('tells the server when the client breaks off', async () => {
    let onClosed = () => {};
    const closed = new Promise<void>((resolve) => {
      onClosed = resolve;
    });
    const port = await serve((socket) => {
      socket.on('error', () => {});
      socket.once('close', onClosed);
      socket.write('hello');
      socket.resume();
    });
    const client = connect({ port, host: '127.0.0.1' });
    await once(client, 'data');
    client.resetAndDestroy();
    await closed;
  });
});
