import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { secretNamed } from '../../local/canary';
import { image } from '../../local/images';
import { type Bench, digestAt, openBench } from './drive';

/** A proxy for plain http that takes every host for the one it was given, and notes what it was asked. */
async function startProxy(host: string): Promise<{ server: Server; address: string; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((incoming: IncomingMessage, response: ServerResponse) => {
    const url = new URL(incoming.url ?? '', 'http://no-proxy.invalid');
    seen.push(`${url.host} ${incoming.headers['proxy-authorization'] ?? ''}`);
    const [hostname, port] = host.split(':');
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const path = `${url.pathname}${url.search}`;
    const forwarded = request({ hostname, port, path, method: incoming.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

it('reaches plain-http registries through HTTP_PROXY, and those of NO_PROXY without it', async () => {
  const bench: Bench = openBench();
  const [source, destination] = [await bench.registry({ relativeLocations: true }), await bench.registry()];
  const proxy = await startProxy(source.host);
  try {
    const built = image({ seed: 'app' });
    source.state.place('app', built, 'v1');
    bench.env.HTTP_PROXY = `http://me:${secretNamed('of-the-proxy')}@${proxy.address}`;
    bench.env.NO_PROXY = '127.0.0.1';
    const ran = await bench.run(['copy', '--plain-http', 'registry.example.com/app:v1', `${destination.host}/app`]);
    expect(ran).toMatchObject({ code: 0, err: [] });
    expect(digestAt(destination, 'app', 'v1')).toBe(built.root.descriptor.digest);
    const pair = Buffer.from(`me:${secretNamed('of-the-proxy')}`).toString('base64');
    expect(new Set(proxy.seen)).toEqual(new Set([`registry.example.com Basic ${pair}`]));
  } finally {
    await new Promise((resolve) => proxy.server.close(resolve));
    await bench.close();
  }
});
