import { createHash, randomBytes } from 'node:crypto';
import { ContentMismatch, NotFound, RegistryError, Unsupported } from '../../../engine/errors';
import type { Digest } from '../../../lib/model/digest';
import {
  ALICE,
  Bench,
  basicHeader,
  blobOf,
  errorBody,
  failureOf,
  only,
  type Reply,
  type Script,
  type Seen,
  streamOf,
} from './scripted';

const bench = new Bench();
afterEach(() => bench.close());

const bytes = randomBytes(200_000);
const blob = blobOf(bytes);
const stream = () => streamOf(bytes.subarray(0, 70_000), bytes.subarray(70_000));

/** A registry that opens sessions at `location` and takes what is put there. */
function taking(location: string, put: (seen: Seen, index: number) => Reply = () => ({ status: 201 })): Script {
  return (seen, index) => {
    if (seen.method === 'POST') return { status: 202, headers: { location } };
    return seen.method === 'PUT' ? put(seen, index) : { status: 204 };
  };
}

const digest = encodeURIComponent(blob.digest);

describe('pushBlob', () => {
  it('opens a session and puts the whole stream into it', async () => {
    const server = await bench.serve(taking('/v2/app/blobs/uploads/1?_state=a%3D'));
    await bench.store(server).pushBlob(blob, stream());
    expect(server.lines()).toEqual([
      'POST /v2/app/blobs/uploads/',
      `PUT /v2/app/blobs/uploads/1?_state=a%3D&digest=${digest}`,
    ]);
    const [post, put] = server.seen;
    expect(post?.headers['content-length']).toBe('0');
    expect(put?.body.equals(bytes)).toBe(true);
    expect(put?.headers['content-length']).toBe(String(bytes.length));
    expect(put?.headers['content-type']).toBe('application/octet-stream');
    expect(put?.headers['content-range']).toBeUndefined();
    expect(put?.headers['transfer-encoding']).toBeUndefined();
  });

  it('opens a session before it reads the stream', async () => {
    let opened = false;
    const server = await bench.serve((seen, index) => {
      opened ||= seen.method === 'POST';
      return taking('/up')(seen, index);
    });
    async function* late(): AsyncGenerator<Uint8Array> {
      if (!opened) throw new Error('read too early');
      yield bytes;
    }
    await bench.store(server).pushBlob(blob, late());
  });

  it('ends short, and commits nothing, when verified bytes are fewer than announced', async () => {
    const server = await bench.serve(taking('/up'));
    const short = bench.store(server).pushBlob(blob, streamOf(bytes.subarray(0, 70_000)), { verified: true });
    await expect(short).rejects.toBeInstanceOf(ContentMismatch);
    expect(server.seen.some(({ method, body }) => method === 'PUT' && body.length >= bytes.length)).toBe(false);
  });

  it('pushes an empty blob', async () => {
    const server = await bench.serve(taking('/up', () => ({ status: 204 })));
    await bench.store(server).pushBlob(blobOf(Buffer.alloc(0)), streamOf());
    expect(server.seen[1]?.headers['content-length']).toBe('0');
  });

  it.each(['relative/1', '?session=1', '/v2/app/blobs/uploads/1'])('finds the session at %s', async (location) => {
    const server = await bench.serve(taking(location));
    await bench.store(server).pushBlob(blob, stream());
    expect(server.seen[1]?.body).toHaveLength(bytes.length);
  });

  it('finds the session at an address without a scheme', async () => {
    const server = await bench.serve((seen, index) =>
      taking(`${seen.headers.host}/v2/app/blobs/uploads/7`)(seen, index),
    );
    await bench.store(server).pushBlob(blob, stream());
    expect(server.lines()[1]).toBe(`PUT /v2/app/blobs/uploads/7?digest=${digest}`);
  });

  it('sends no credential to a session on another host', async () => {
    const storage = await bench.serve(() => ({ status: 201 }));
    const server = await bench.serve(
      ({ headers }): Reply =>
        headers.authorization === basicHeader
          ? { status: 202, headers: { location: `${storage.url}/up` } }
          : { status: 401, headers: { 'www-authenticate': 'Basic' } },
    );
    const store = bench.store(server, { credentials: only(ALICE), plainHttp: [storage.host] });
    await store.pushBlob(blob, stream());
    expect(storage.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('refuses a session at an address that may not be', async () => {
    const server = await bench.serve(taking('https://169.254.169.254/up'));
    expect((await failureOf(bench.store(server).pushBlob(blob, stream()))).message).toMatch(/never connected/);
  });

  it('throws what the stream throws and commits nothing', async () => {
    const server = await bench.serve(taking('/up'));
    const fault = new RegistryError('UNREACHABLE', 'the source is gone', { status: 0 }, 'unavailable');
    async function* broken() {
      yield bytes.subarray(0, 70_000);
      throw fault;
    }
    expect(await failureOf(bench.store(server).pushBlob(blob, broken()))).toBe(fault);
    expect(server.lines()).toEqual(['POST /v2/app/blobs/uploads/', 'DELETE /up']);
  });

  it.each([
    ['ends short', () => streamOf(bytes.subarray(0, 70_000))],
    ['is too long', () => streamOf(bytes, bytes)],
    ['is another', () => streamOf(bytes.subarray(1), bytes.subarray(0, 1))],
    ['is empty', () => streamOf()],
  ])('commits nothing when the stream %s', async (_, wrong) => {
    const server = await bench.serve(taking('/up'));
    expect(await failureOf(bench.store(server).pushBlob(blob, wrong()))).toBeInstanceOf(ContentMismatch);
    expect(server.seen.some(({ method }) => method === 'PUT')).toBe(false);
  });

  it('reads the answer that refuses an upload before its end', async () => {
    let pulled = 0;
    async function* endless() {
      for (; pulled < 2000; pulled++) yield Buffer.alloc(65_536);
    }
    const server = await bench.serve(taking('/up'), (request, response) => {
      if (request.method !== 'PUT') return false;
      request.once('data', () => {
        response.writeHead(413, { connection: 'close' });
        response.end(errorBody('SIZE_INVALID', 'too large'), () => setTimeout(() => request.destroy(), 5));
      });
      return true;
    });
    const error = await failureOf(bench.store(server).pushBlob({ ...blob, size: 2000 * 65_536 }, endless()));
    expect(error.message).toMatch(/: 413/);
    expect(pulled).toBeLessThan(2000);
  });

  it('does not wait for a stream that has nothing more when it was refused', async () => {
    let released: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      released = resolve;
    });
    async function* stuck() {
      yield bytes.subarray(0, 70_000);
      yield bytes.subarray(70_000, 80_000);
      await held;
    }
    const server = await bench.serve(taking('/up'), (request, response) => {
      if (request.method !== 'PUT') return false;
      response.writeHead(403);
      response.end(errorBody('DENIED'));
      return true;
    });
    expect((await failureOf(bench.store(server).pushBlob(blob, stuck()))).message).toMatch(/403 DENIED/);
    released();
  });

  it('gives up an upload that the registry does not read', async () => {
    const server = await bench.serve(taking('/up'), (request) => request.method === 'PUT');
    async function* large() {
      for (let i = 0; i < 400; i++) yield Buffer.alloc(65_536);
    }
    const store = bench.store(server, { idleTimeout: 50 });
    const error = await failureOf(store.pushBlob({ ...blob, size: 400 * 65_536 }, large()));
    expect(error.message).toMatch(/nothing moved for 0\.05 s/);
    expect((error as RegistryError).temporary).toBe(true);
  });

  it('waits for a stream that is slow itself', async () => {
    const server = await bench.serve(taking('/up'));
    async function* slow() {
      yield bytes.subarray(0, 10);
      await new Promise((resolve) => setTimeout(resolve, 60));
      yield bytes.subarray(10);
    }
    await bench.store(server, { idleTimeout: 25 }).pushBlob(blob, slow());
    expect(server.seen[1]?.body).toHaveLength(bytes.length);
  });

  it('leaves it to the caller to try again when the stream was read', async () => {
    const server = await bench.serve(taking('/up', () => ({ status: 503 })));
    const error = (await failureOf(bench.store(server).pushBlob(blob, stream()))) as RegistryError;
    expect(error.temporary).toBe(true);
    expect(server.lines()).toEqual(['POST /v2/app/blobs/uploads/', `PUT /up?digest=${digest}`, 'DELETE /up']);
  });

  it('tries bytes in memory again, each time in a new session', async () => {
    let sessions = 0;
    const server = await bench.serve(({ method, path }) => {
      if (method === 'POST') return { status: 202, headers: { location: `/up/${++sessions}` } };
      if (method === 'DELETE') return { status: 204 };
      return path.startsWith('/up/1') ? { status: 404, body: errorBody('BLOB_UPLOAD_UNKNOWN') } : { status: 201 };
    });
    await bench.store(server).pushBlob(blob, bytes);
    expect(server.lines().filter((line) => line.startsWith('P'))).toEqual([
      'POST /v2/app/blobs/uploads/',
      `PUT /up/1?digest=${digest}`,
      'POST /v2/app/blobs/uploads/',
      `PUT /up/2?digest=${digest}`,
    ]);
  });

  it('lets its session go although the registry wants no uploads for now', async () => {
    let posts = 0;
    const server = await bench.serve(({ method }): Reply => {
      if (method === 'POST' && ++posts > 1) return { status: 429, headers: { 'retry-after': '30' } };
      return method === 'POST' ? { status: 202, headers: { location: '/v2/app/blobs/uploads/1' } } : { status: 204 };
    });
    const store = bench.store(server);
    const stop = new AbortController();
    let other: Promise<unknown> = Promise.resolve();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 1000);
      other = store.pushBlob(blob, bytes, { signal: stop.signal }).catch((cause) => cause);
      while (posts < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      // Until the answer has been read.
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw new Error('the source has gone');
    }
    await expect(store.pushBlob(blob, broken())).rejects.toThrow('the source has gone');
    stop.abort();
    await other;
    expect(server.lines()).toContain('DELETE /v2/app/blobs/uploads/1');
  });

  it('says that the repository is not there', async () => {
    const server = await bench.serve(() => ({ status: 404, body: errorBody('NAME_UNKNOWN', 'no such') }));
    const error = await failureOf(bench.store(server).pushBlob(blob, stream()));
    expect(error).toBeInstanceOf(NotFound);
    expect(error.message).toMatch(/404 NAME_UNKNOWN no such; the repository does not exist there$/);
  });

  it('says that a registry does not take sha512', async () => {
    const long = `sha512:${createHash('sha512').update(bytes).digest('hex')}` as Digest;
    const refusal = { status: 400, body: errorBody('DIGEST_INVALID') };
    const server = await bench.serve(taking('/up', () => refusal));
    const error = await failureOf(bench.store(server).pushBlob({ ...blob, digest: long }, stream()));
    expect(error).toBeInstanceOf(Unsupported);
    expect(error.message).toMatch(/does not take sha512 digests$/);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const reason = new Error('told to stop');
    const server = await bench.serve(taking('/up'), (request) => {
      if (request.method !== 'PUT') return false;
      stop.abort(reason);
      return true;
    });
    expect(await failureOf(bench.store(server).pushBlob(blob, stream(), { signal: stop.signal }))).toBe(reason);
    expect(server.lines().at(-1)).toBe('DELETE /up');
  });
});

describe('mount', () => {
  const from = { registry: 'registry.test', name: 'base' };

  it('takes a blob over', async () => {
    const server = await bench.serve(() => ({ status: 201 }));
    expect(await bench.store(server).mount(blob, from)).toBe(true);
    expect(server.lines()).toEqual([`POST /v2/app/blobs/uploads/?mount=${digest}&from=base`]);
  });

  it('puts the blob into the session that was opened instead', async () => {
    const server = await bench.serve(taking('/up/1'));
    const store = bench.store(server);
    expect(await store.mount(blob, from)).toBe(false);
    await store.pushBlob(blob, stream());
    await store.pushBlob(blob, stream());
    expect(server.lines().map((line) => line.split(' ')[0])).toEqual(['POST', 'PUT', 'POST', 'PUT']);
  });

  it('lets the session go that was opened instead when it is asked for again', async () => {
    let mounts = 0;
    const server = await bench.serve(({ method }) => {
      if (method !== 'POST') return { status: 204 };
      return ++mounts === 1 ? { status: 202, headers: { location: '/v2/app/blobs/uploads/1' } } : { status: 201 };
    });
    const store = bench.store(server);
    expect(await store.mount(blob, from)).toBe(false);
    expect(await store.mount(blob, from)).toBe(true);
    const mount = `POST /v2/app/blobs/uploads/?mount=${digest}&from=base`;
    expect(server.lines()).toEqual([mount, 'DELETE /v2/app/blobs/uploads/1', mount]);
  });

  it.each([400, 403, 404, 405, 501])('would not, when answered %d', async (status) => {
    const server = await bench.serve(() => ({ status }));
    expect(await bench.store(server).mount(blob, from)).toBe(false);
  });
});
