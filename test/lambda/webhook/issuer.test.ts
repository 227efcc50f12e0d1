import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { issuerKeys } from '../../../lambda/webhook/issuer';
import { newKey } from './world';

const ISSUER = 'https://issuer.test';
const { jwk } = newKey('one');
let server: Server;
let documents: Record<string, string>;
let asked: string[];
let now: number;

beforeEach(async () => {
  asked = [];
  now = Date.parse('2026-11-21T12:00:00Z');
  documents = {
    '/.well-known/openid-configuration': JSON.stringify({ issuer: ISSUER, jwks_uri: `${ISSUER}/keys` }),
    '/keys': JSON.stringify({ keys: [jwk] }),
  };
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const body = documents[request.url ?? ''];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const open = (endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`, issuer = ISSUER) =>
  issuerKeys(issuer, {
    endpoints: endpoint === '' ? {} : { [new URL(issuer).host]: endpoint },
    clock: { now: () => now, sleep: async () => {} },
  });

describe('the keys of an issuer', () => {
  it('are found by its own configuration, and remembered for an hour', async () => {
    const keys = open();
    expect(await keys(false)).toEqual([jwk]);
    now += 59 * 60_000;
    expect(await keys(false)).toEqual([jwk]);
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
    now += 2 * 60_000;
    await keys(false);
    expect(asked).toHaveLength(4);
  });

  it('are read again for a key that is not known, but not more often than each minute', async () => {
    const keys = open();
    await keys(false);
    for (let time = 0; time < 10; time += 1) await keys(true);
    expect(asked).toHaveLength(2);
    now += 61_000;
    await keys(true);
    expect(asked).toHaveLength(4);
  });

  it('are never those of another host', async () => {
    documents['/.well-known/openid-configuration'] = JSON.stringify({ jwks_uri: 'https://elsewhere.test/keys' });
    await expect(open()(false)).rejects.toThrow("keys of another host than the issuer's");
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['too much', JSON.stringify({ keys: ['x'.repeat(70_000)] }), /more than 65536 bytes/],
    ['no document', '[]', /no JSON object/],
    ['nothing', undefined, /got 404/],
  ])('are not had of an issuer that answers %s', async (_, answer, message) => {
    if (answer === undefined) delete documents['/keys'];
    else documents['/keys'] = answer;
    await expect(open()(false)).rejects.toThrow(message);
  });

  it.each(['https://127.0.0.1', 'https://169.254.169.254'])('are not asked for at %s', async (issuer) => {
    await expect(open('', issuer)(false)).rejects.toThrow(/address/);
  });
});
