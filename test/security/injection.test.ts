import fc from 'fast-check';
import type { Store } from '../../engine/content';
import type { Credential } from '../../engine/ports';
import { openRegistries } from '../../engine/registry/registries';
import { requestHead } from '../../engine/registry/wire/request-head';
import { parseRow } from '../../lib/model/mirror-row';
import { formatReference } from '../../lib/model/reference';
import { blobOf, collect, failureOf, fakeClock, only, streamOf } from '../engine/registry/scripted';
import { answering, type RawServer, serveRaw } from '../engine/registry/wire/raw-server';

const opened: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** A registry that says this to each request in turn, and a store of it. */
async function open(said: readonly string[], credential?: Credential) {
  const server = await serveRaw(answering(({ index }, request) => said[index + request] ?? FORBIDDEN));
  opened.push(server);
  const registries = openRegistries({
    credentials: credential === undefined ? { get: async () => undefined } : only(credential),
    endpoints: { 'registry.test': `http://${server.host}` },
    clock: fakeClock(),
    idleTimeout: 2_000,
    retry: { attempts: 1 },
  });
  opened.push(registries);
  return { server, store: registries.store({ registry: 'registry.test', name: 'app' }) };
}

const FORBIDDEN = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n';
const answer = (status: string, ...headers: string[]) =>
  `HTTP/1.1 ${status}\r\n${headers.map((one) => `${one}\r\n`).join('')}Content-Length: 0\r\n\r\n`;
const BASIC = answer('401 Unauthorized', 'WWW-Authenticate: Basic realm="x"');

async function listed({ tags }: Store): Promise<string[]> {
  const found: string[] = [];
  for await (const tag of tags?.() ?? []) found.push(tag);
  return found;
}

/** Names of all fields that ever arrived. */
const fieldsSeen = ({ peers }: RawServer) => [
  ...new Set(
    peers.flatMap(({ heard }) =>
      heard
        .split(/\r\n|\n|\r/)
        .filter((line) => line !== '' && !/^[A-Z]+ \S+ HTTP\/1\.1$/.test(line))
        .map((line) => line.split(':')[0]?.toLowerCase()),
    ),
  ),
];
const OURS = ['host', 'connection', 'user-agent', 'accept-encoding', 'accept', 'authorization', 'content-length'];

describe('a row that writes headers', () => {
  const hostile = fc
    .array(
      fc.constantFrom('\r\n', '\n', '\r', '\0', '\u0085', '\u2028', 'X-Evil: 1', ' ', '%0d%0a', '☃', '。', '?', '#'),
      { minLength: 1, maxLength: 3 },
    )
    .map((parts) => parts.join(''));
  const references = ['upstream.test/app:1', 'upstream.test/app', `upstream.test/app@sha256:${'0'.repeat(64)}`];
  const spoiled = fc
    .tuple(fc.constantFrom(...references), hostile, fc.nat(80))
    .map(([text, evil, at]) => `${text.slice(0, at)}${evil}${text.slice(at)}`);

  it('is either refused or asks for just what it says: its text never ends a line of a request', () => {
    fc.assert(
      fc.property(spoiled, spoiled, (Source, Destination) => {
        const { mirror: read } = parseRow({ Source, Destination }, { mapping: {} });
        for (const one of read === undefined ? [] : [read.source, ...read.destinations.map((to) => to.repository)]) {
          const url = new URL(`https://${one.registry}/v2/${one.name}/tags/list`);
          expect(url.host).toBe(one.registry === 'docker.io' ? 'docker.io' : one.registry);
          expect(url.pathname).toBe(`/v2/${one.name}/tags/list`);
          expect(requestHead('GET', url, {}).split('\r\n')).toHaveLength(5);
          expect(formatReference({ repository: one })).toMatch(/^[\x21-\x7e]+$/);
        }
      }),
    );
  });

  it.each([
    ['Source', { Source: 'upstream.test/app:1\r\nX-Evil: 1' }],
    ['Source', { Source: 'upstream.test/a\0pp:1' }],
    ['Destination', { Destination: 'destination.test/mirror/app:1\r\nX-Evil: 1' }],
    ['Destination', { Destination: 'destination.test/mirror/app:{tag}\r\n' + 'x' }],
    ['Tags.Include', { Source: 'upstream.test/app', Tags: { Include: ['*\r\nX-Evil: 1'] } }],
    ['ArtifactTypes', { ArtifactTypes: ['application/x\r\nX-Evil: 1'] }],
  ])('is refused for its %s in one line', (attribute, written) => {
    const row = { Source: 'upstream.test/app:1', Destination: 'destination.test/mirror/app', ...written };
    const { mirror: read, problems } = parseRow(row, { mapping: {} });
    expect(read).toBeUndefined();
    expect(problems).toContainEqual(expect.objectContaining({ attribute, severity: 'error' }));
    for (const { message } of problems) expect(message).not.toMatch(/[\r\n\0]/);
  });
});

describe('a credential that writes headers', () => {
  const evil = 'top\r\nX-Evil: 1\0☃';

  it.each<[string, Credential]>([
    ['password', { kind: 'basic', username: 'me', password: evil }],
    ['user', { kind: 'basic', username: evil, password: 'top' }],
    ['token', { kind: 'bearer', token: evil }],
    ['identity token', { kind: 'identity', token: evil }],
  ])('writes none by its %s, and is not shown', async (_what, credential) => {
    const challenge =
      credential.kind === 'basic' ? BASIC : answer('401 Unauthorized', 'WWW-Authenticate: Bearer realm="REALM"');
    const said: string[] = [];
    const { server, store } = await open(said, credential);
    said.push(challenge.replace('REALM', `http://${server.host}/token`));
    const error = await failureOf(store.resolve('1'));
    expect(fieldsSeen(server).filter((name) => !OURS.includes(name ?? ''))).toEqual(
      credential.kind === 'identity' ? ['content-type', expect.stringMatching(/^grant_type=/)] : [],
    );
    expect(error.message).not.toMatch(/top|[\r\n]/);
  });
});

describe('a registry that writes headers', () => {
  const blob = blobOf(Buffer.from('blob'));

  it.each([
    ['a NUL', '/x\0X-Evil: 1'],
    ['a bare CR', '/x\rX-Evil: 1'],
    ['a bare LF', '/x\nX-Evil: 1'],
  ])('is not believed when its Location has %s', async (_what, location) => {
    const { server, store } = await open([answer('307 Temporary Redirect', `Location: ${location}`)]);
    await failureOf(store.fetchBlob(blob).then(collect));
    expect(server.peers.map(({ heard }) => heard).join('')).not.toMatch(/x-evil/i);
  });

  it.each([
    ['a tab', '/x\tX-Evil:1', '/xX-Evil:1'],
    ['bytes above ASCII', '/x\x85\xa0', '/x%C2%85%C2%A0'],
    ['an encoded line end', '/x%0d%0aX-Evil:%201', '/x%0d%0aX-Evil:%201'],
    ['spaces', '/x X-Evil: 1', '/x%20X-Evil:%201'],
  ])('leads to a path and no more when its Location has %s', async (_what, location, path) => {
    const { server, store } = await open([answer('307 Temporary Redirect', `Location: ${location}`)]);
    await failureOf(store.fetchBlob(blob).then(collect));
    expect(server.peers.map(({ heard }) => heard).join('')).toContain(`GET ${path} HTTP/1.1\r\n`);
    expect(fieldsSeen(server).filter((name) => !OURS.includes(name ?? ''))).toEqual([]);
  });

  it('writes none by where an upload goes', async () => {
    const bytes = Buffer.from('blob\r\n');
    const { server, store } = await open([answer('202 Accepted', 'Location: /up\tX-Evil:1?s=\x85')]);
    await failureOf(store.pushBlob(blobOf(bytes), streamOf(bytes)));
    expect(fieldsSeen(server).filter((name) => ![...OURS, 'content-type'].includes(name ?? ''))).toEqual(['blob']);
    expect(server.peers.map(({ heard }) => heard).join('')).toMatch(
      /^PUT \/upX-Evil:1\?s=%C2%85&digest=\S+ HTTP\/1.1\r$/m,
    );
  });

  it.each([
    ['realm', (host: string) => `Bearer realm="http://${host}/token?a\tb\x85",service="s"`],
    [
      'service',
      (host: string) => `Bearer realm="http://${host}/token",service="s\t\x85&scope=repository:prod/app:push"`,
    ],
    ['scope', (host: string) => `Bearer realm="http://${host}/token",scope="repository:app:pull&service=other\t\x85"`],
  ])('writes none by the %s of its challenge, and no other parameter', async (_what, challenge) => {
    const said: string[] = [];
    const { server, store } = await open(said);
    said.push(answer('401 Unauthorized', `WWW-Authenticate: ${challenge(server.host)}`));
    await failureOf(store.resolve('1'));
    const heard = server.peers.map((peer) => peer.heard).join('');
    const asked = /^GET (\/token\S*) HTTP\/1\.1\r$/m.exec(heard)?.[1] ?? '';
    const { searchParams } = new URL(asked, 'http://registry.test');
    expect(searchParams.getAll('scope').some((scope) => scope.startsWith('repository:prod'))).toBe(false);
    expect(searchParams.getAll('service').includes('other')).toBe(false);
    expect(fieldsSeen(server).filter((name) => !OURS.includes(name ?? ''))).toEqual([]);
  });

  it('writes none by the link to the next page', async () => {
    const link = 'Link: </v2/app/tags/list?last=a\tX-Evil:1\x85 b>; rel="next"';
    const body = '{"tags":["1"]}';
    const page = `HTTP/1.1 200 OK\r\n${link}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const { server, store } = await open([page]);
    await failureOf(listed(store));
    const heard = server.peers.map((peer) => peer.heard).join('');
    expect(heard).toContain('GET /v2/app/tags/list?last=aX-Evil:1%C2%85%20b HTTP/1.1\r\n');
    expect(fieldsSeen(server).filter((name) => !OURS.includes(name ?? ''))).toEqual([]);
  });
});
