import type { ServerResponse } from 'node:http';
import { Bench, failureOf, MANIFEST, manifest, sha256 } from './scripted';

const bench = new Bench();
afterEach(() => bench.close());

/** Answers with the head of a reply and then a byte now and then, never to end. */
function drip(response: ServerResponse, status: number, headers: Record<string, string> = {}): true {
  response.writeHead(status, headers);
  const timer = setInterval(() => response.write(' '), 5);
  response.on('close', () => clearInterval(timer));
  return true;
}

describe('a registry that never stands still and never ends', () => {
  it.each([200, 400])('is given up on when the answer is a short one (%d)', async (status) => {
    const server = await bench.serve(
      () => undefined,
      (_, response) => drip(response, status),
    );
    const store = bench.store(server, { idleTimeout: 200, retry: { attempts: 2 } });
    const error = await failureOf(store.fetchManifest(manifest));
    expect(error.message).toMatch(status === 200 ? /the answer did not end for 2 s/ : /: 400/);
  });

  it('does not keep a redirect from being followed', async () => {
    const server = await bench.serve(
      () => ({ status: 200, body: MANIFEST }),
      (_, response, index) => index === 0 && drip(response, 307, { location: '/elsewhere' }),
    );
    expect(await bench.store(server, { idleTimeout: 100 }).fetchManifest(manifest)).toHaveLength(MANIFEST.length);
  });

  it('may take its time over a blob', async () => {
    const text = 'x'.repeat(60);
    const blob = { mediaType: 'application/octet-stream', digest: sha256(text), size: text.length };
    const server = await bench.serve(
      () => undefined,
      (_, response) => {
        response.writeHead(200);
        let left = text.length;
        const timer = setInterval(() => {
          response.write('x');
          left -= 1;
          if (left === 0) clearInterval(timer);
          if (left === 0) response.end();
        }, 5);
        return true;
      },
    );
    let size = 0;
    for await (const chunk of await bench.store(server, { idleTimeout: 20 }).fetchBlob(blob)) size += chunk.length;
    expect(size).toBe(text.length);
  });
});
