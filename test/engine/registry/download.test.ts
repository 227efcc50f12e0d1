import { randomBytes } from 'node:crypto';
import { ContentMismatch, NotFound, type RegistryError } from '../../../engine/errors';
import { Bench, blobOf, collect, failureOf, type Raw, type Reply } from './scripted';

const bench = new Bench();
afterEach(() => bench.close());

const bytes = randomBytes(300_000);
const blob = blobOf(bytes);
const whole: Reply = { status: 200, body: bytes, headers: { 'content-length': bytes.length } };

/** Announces everything from `from` on, sends up to `upTo` and breaks the connection, on the requests it is asked to. */
function breaking(upTo: (index: number) => number | undefined, ranges = true): Raw {
  return (request, response, index) => {
    const end = upTo(index);
    if (end === undefined) return false;
    const from = ranges ? Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': bytes.length - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    response.write(bytes.subarray(from, end), () => (end < bytes.length ? response.destroy() : response.end()));
    return true;
  };
}

describe('fetchBlob', () => {
  it('streams a blob', async () => {
    const server = await bench.serve(() => whole);
    expect((await collect(await bench.store(server).fetchBlob(blob))).equals(bytes)).toBe(true);
    expect(server.lines()).toEqual([`GET /v2/app/blobs/${blob.digest}`]);
    expect(server.seen[0]?.headers.range).toBeUndefined();
  });

  it('streams an empty blob', async () => {
    const server = await bench.serve(() => ({ status: 200, headers: { 'content-length': 0 } }));
    expect(await collect(await bench.store(server).fetchBlob(blobOf(Buffer.alloc(0))))).toHaveLength(0);
  });

  it('says at once that a blob is not there', async () => {
    const server = await bench.serve(() => ({ status: 404 }));
    expect(await failureOf(bench.store(server).fetchBlob(blob))).toBeInstanceOf(NotFound);
  });

  it('continues a broken connection where it broke', async () => {
    const server = await bench.serve(
      () => whole,
      breaking((index) => [100_000, 200_000, 300_000][index]),
    );
    expect((await collect(await bench.store(server).fetchBlob(blob))).equals(bytes)).toBe(true);
    expect(server.seen.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=100000-', 'bytes=200000-']);
  });

  it('starts over, passing nothing on twice, where ranges are not known', async () => {
    const server = await bench.serve(
      () => whole,
      breaking((index) => [100_000, 50_000][index], false),
    );
    expect((await collect(await bench.store(server).fetchBlob(blob))).equals(bytes)).toBe(true);
    expect(server.seen).toHaveLength(3);
  });

  it('asks the registry anew after a redirect broke, not where it led', async () => {
    const cdn = await bench.serve(
      () => whole,
      breaking((index) => [100_000, 300_000][index]),
    );
    const server = await bench.serve((_, index) => ({
      status: 307,
      headers: { location: `${cdn.url}/?key=${index}` },
    }));
    const store = bench.store(server, { plainHttp: [cdn.host] });
    expect((await collect(await store.fetchBlob(blob))).equals(bytes)).toBe(true);
    expect(cdn.seen.map(({ path, headers }) => [path, headers.range])).toEqual([
      ['/?key=0', undefined],
      ['/?key=1', 'bytes=100000-'],
    ]);
  });

  it('asks the registry anew when what it redirected to has run out', async () => {
    const cdn = await bench.serve(({ path }) => (path === '/?key=0' ? { status: 403, body: 'Expired' } : whole));
    const server = await bench.serve((_, index) => ({
      status: 307,
      headers: { location: `${cdn.url}/?key=${index}` },
    }));
    const store = bench.store(server, { plainHttp: [cdn.host] });
    expect(await collect(await store.fetchBlob(blob))).toHaveLength(bytes.length);
  });

  it.each<[string, Reply]>([
    ['416', { status: 416 }],
    ['another range', { status: 206, headers: { 'content-range': 'bytes 5-10/300000' }, body: 'x' }],
    ['no range', { status: 206, body: 'x' }],
  ])('starts over when it is answered %s', async (_, reply) => {
    const server = await bench.serve(
      ({ headers }) => (headers.range === undefined ? whole : reply),
      breaking((index) => (index === 0 ? 100_000 : undefined)),
    );
    expect((await collect(await bench.store(server).fetchBlob(blob))).equals(bytes)).toBe(true);
  });

  it('gives up when it breaks without getting on', async () => {
    const server = await bench.serve(
      () => whole,
      breaking(() => 100_000),
    );
    const stream = await bench.store(server, { retry: { attempts: 3 } }).fetchBlob(blob);
    const error = (await failureOf(collect(stream))) as RegistryError;
    expect(error.message).toMatch(/^blob registry\.test\/app@sha256:\w+: no answer from /);
    expect(error.temporary).toBe(true);
    expect(server.seen).toHaveLength(3);
  });

  it('holds the end back when a byte is wrong', async () => {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(10) ^ 1, 10);
    const server = await bench.serve(() => ({ ...whole, body: flipped }));
    const got: Uint8Array[] = [];
    const error = await failureOf(
      (async () => {
        for await (const chunk of await bench.store(server).fetchBlob(blob)) got.push(chunk);
      })(),
    );
    expect(error).toBeInstanceOf(ContentMismatch);
    expect(Buffer.concat(got).length).toBeLessThan(bytes.length);
  });

  it('reads nothing when another length is announced', async () => {
    const server = await bench.serve(() => ({ status: 200, headers: { 'content-length': 5 }, body: 'short' }));
    const error = await failureOf(bench.store(server).fetchBlob(blob));
    expect(error).toBeInstanceOf(ContentMismatch);
    expect(error.message).toMatch(/offers 5 bytes; 300000 were announced/);
  });

  it('stops at more bytes than were announced', async () => {
    const server = await bench.serve(
      () => whole,
      (_, response) => {
        response.writeHead(200);
        response.end(Buffer.concat([bytes, bytes]));
        return true;
      },
    );
    expect(await failureOf(collect(await bench.store(server).fetchBlob(blob)))).toBeInstanceOf(ContentMismatch);
  });

  it('gives up a connection on which nothing comes', async () => {
    const server = await bench.serve(
      () => whole,
      (_, response) => {
        response.writeHead(200, { 'content-length': bytes.length });
        response.write(bytes.subarray(0, 10));
        return true;
      },
    );
    const store = bench.store(server, { idleTimeout: 30, retry: { attempts: 2 } });
    const error = await failureOf(collect(await store.fetchBlob(blob)));
    expect(error.message).toMatch(/nothing moved for 0\.03 s$/);
    expect(server.seen).toHaveLength(2);
  });

  it('waits as long as it takes for whoever reads slowly', async () => {
    const server = await bench.serve(() => whole);
    const stream = await bench.store(server, { idleTimeout: 20, retry: { attempts: 1 } }).fetchBlob(blob);
    let size = 0;
    for await (const chunk of stream) {
      size += chunk.length;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    expect(size).toBe(bytes.length);
  });

  it('ends the connection when the reader goes away', async () => {
    const gone = new Promise<void>((resolve) => {
      bench
        .serve(
          () => whole,
          (_, response) => {
            response.once('close', resolve);
            response.writeHead(200, { 'content-length': bytes.length });
            response.write(bytes.subarray(0, 200_000));
            return true;
          },
        )
        .then(async (server) => {
          for await (const _ of await bench.store(server).fetchBlob(blob)) break;
        });
    });
    await gone;
  });

  it('ends with the reason of its signal', async () => {
    const server = await bench.serve(
      () => whole,
      (_, response) => {
        response.writeHead(200, { 'content-length': bytes.length });
        response.write(bytes.subarray(0, 100));
        return true;
      },
    );
    const stop = new AbortController();
    const stream = await bench.store(server).fetchBlob(blob, { signal: stop.signal });
    const reason = new Error('told to stop');
    setTimeout(() => stop.abort(reason), 10);
    expect(await failureOf(collect(stream))).toBe(reason);
  });
});
