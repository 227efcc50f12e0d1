import { ALICE, Bench, errorBody, MANIFEST, MANIFEST_TYPE, manifest, only, type Scripted } from './scripted';

const bench = new Bench();
afterEach(() => bench.close());

/** A registry whose tokens count up from 1, and who takes those that `takes` says. */
async function withTokens(error: string, takes: (token: number) => boolean): Promise<Scripted> {
  let tokens = 0;
  const server: Scripted = await bench.serve(({ path, headers }) => {
    if (path.startsWith('/token')) return { status: 200, body: JSON.stringify({ token: `token-${++tokens}` }) };
    const sent = /^Bearer token-(\d+)$/.exec(headers.authorization ?? '')?.[1];
    if (sent !== undefined && takes(Number(sent))) {
      const described = { 'content-type': MANIFEST_TYPE, 'docker-content-digest': manifest.digest };
      return { status: 200, headers: described, body: MANIFEST };
    }
    const why = sent === undefined ? '' : `,error="${error}"`;
    return {
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="${server.url}/token",service="s"${why}` },
      body: errorBody('UNAUTHORIZED', 'authentication required'),
    };
  });
  return server;
}

const tokensAsked = (server: Scripted) => server.lines().filter((line) => line.includes('/token')).length;

describe('a token that is refused though it was fetched just now', () => {
  it('is replaced by another when the registry says that the token is to blame', async () => {
    const server = await withTokens('invalid_token', (token) => token > 1);
    await expect(bench.store(server, { credentials: only(ALICE) }).fetchManifest(manifest)).resolves.toEqual(MANIFEST);
    expect(tokensAsked(server)).toBe(2);
  });

  it('is replaced once, and then it is an error', async () => {
    const server = await withTokens('invalid_token', () => false);
    await expect(bench.store(server, { credentials: only(ALICE) }).fetchManifest(manifest)).rejects.toThrow(/401/);
    expect(tokensAsked(server)).toBe(2);
  });

  it('is not replaced when it is said to allow too little', async () => {
    const server = await withTokens('insufficient_scope', (token) => token > 1);
    await expect(bench.store(server, { credentials: only(ALICE) }).fetchManifest(manifest)).rejects.toThrow(/401/);
    expect(tokensAsked(server)).toBe(1);
  });
});
