import fc from 'fast-check';
import { BODY_CEILING } from '../../../lambda/webhook/request';
import * as sent from './world';
import { DIGEST, post, receiver, SECRET } from './world';

/** A sound webhook of each sender, and what it says was pushed. */
const SOUND: readonly [string, sent.Post, object[]][] = [
  [
    'root.io',
    sent.standard(sent.ROOT),
    [{ registry: 'cr.root.io', repository: 'library/nginx', tag: '1.25.4', digest: DIGEST }],
  ],
  ['GitHub', sent.github(sent.GITHUB), [{ registry: 'ghcr.io', repository: 'our-org/app', tag: 'v2', digest: DIGEST }]],
  [
    'Harbor',
    sent.harbor(sent.HARBOR),
    [{ registry: 'harbor.test', repository: 'team/app', tag: 'v1', digest: DIGEST }],
  ],
  [
    'Docker Hub',
    post(`/docker-hub/${SECRET}`, sent.DOCKER_HUB),
    [{ registry: 'docker.io', repository: 'team/app', tag: 'latest' }],
  ],
  [
    'Quay',
    post(`/quay/${SECRET}`, sent.QUAY),
    ['1', '1.2'].map((tag) => ({ registry: 'quay.io', repository: 'team/app', tag })),
  ],
  [
    'Chainguard',
    sent.chainguard(),
    [{ registry: 'cgr.dev', repository: 'example.com/python', tag: 'latest', digest: DIGEST }],
  ],
];

describe('a webhook that is proven', () => {
  it.each(SOUND)('of %s is taken, for just what was pushed', async (_, request, pushes) => {
    const world = receiver();
    expect(await world.take(request)).toBe(202);
    expect(world.pushes()).toEqual(pushes);
  });

  it.each(SOUND)('of %s is taken as it was sent, also where Lambda gives it in base64', async (_, request, pushes) => {
    const world = receiver();
    const body = Buffer.from(request.body).toString('base64');
    expect(await world.take({ ...request, body, isBase64Encoded: true })).toBe(202);
    expect(world.pushes()).toEqual(pushes);
  });

  it('counts when it is signed by any one of several secrets', async () => {
    const world = receiver({ secrets: async () => ['another-secret-of-length', SECRET] });
    expect(await world.take(sent.standard(sent.ROOT))).toBe(202);
    expect(world.pushes()).toHaveLength(1);
  });

  it.each([
    [
      'a whsec_ secret',
      `whsec_${Buffer.from('0123456789abcdef0123').toString('base64')}`,
      '0123456789abcdef0123',
      'base64',
    ],
    [
      "hexadecimal digits under the secret's own text, as root.io signs",
      'whsec_MfKQ9r8GKYqrTw',
      'whsec_MfKQ9r8GKYqrTw',
      'hex',
    ],
  ] as const)('counts when it is signed by %s', async (_, known, secret, form) => {
    const world = receiver({ secrets: async () => [known] });
    expect(await world.take(sent.standard(sent.ROOT, { secret, form }))).toBe(202);
  });

  it.each([300, -300])('counts up to five minutes late or early, by either clock: %d seconds', async (late) => {
    expect(await receiver().take(sent.standard(sent.ROOT, { late }))).toBe(202);
    const claims = late > 0 ? { exp: sent.NOW / 1000 - late } : { nbf: sent.NOW / 1000 - late };
    expect(await receiver().take(sent.chainguard(sent.token(claims)))).toBe(202);
  });

  it('counts as soon as a secret was rotated: what is remembered is read again once', async () => {
    const asked: boolean[] = [];
    const secrets = async (_arn: string, fresh: boolean) => {
      asked.push(fresh);
      return [fresh ? SECRET : 'the-secret-before-that'];
    };
    expect(await receiver({ secrets }).take(sent.github(sent.GITHUB))).toBe(202);
    expect(asked).toEqual([false, true]);
  });

  it('counts as soon as an issuer signs with a new key', async () => {
    const by = sent.newKey('two');
    const keys = async (fresh: boolean) => (fresh ? [by.jwk] : []);
    expect(await receiver({ keys }).take(sent.chainguard(sent.token({}, { by })))).toBe(202);
  });
});

const RS256 = sent.token({}, { alg: 'RS256' });
const STRANGER = sent.newKey('one');
const unsigned = ({ headers: _, ...request }: sent.Post) => request;

/** What is refused, and how it ends. */
const REFUSED: readonly [string, unknown, number][] = [
  ['unsigned, as root.io', unsigned(sent.standard(sent.ROOT)), 401],
  ['unsigned, as GitHub', unsigned(sent.github(sent.GITHUB)), 401],
  ['without its authorization, as Harbor', unsigned(sent.harbor(sent.HARBOR)), 401],
  ['without a token, as Chainguard', unsigned(sent.chainguard()), 401],
  ['wrongly signed, as root.io', sent.standard(sent.ROOT, { secret: 'not-the-secret-at-all' }), 401],
  ['wrongly signed, as GitHub', sent.github(sent.GITHUB, { secret: 'not-the-secret-at-all' }), 401],
  ['with a wrong authorization, as Harbor', sent.harbor(sent.HARBOR, 'not-the-secret-at-all'), 401],
  ['on no secret path, as Docker Hub', post('/docker-hub', sent.DOCKER_HUB), 401],
  ['on a wrong path, as Docker Hub', post('/docker-hub/not-the-secret-at-all', sent.DOCKER_HUB), 401],
  ['on a path that goes on, as Docker Hub', post(`/docker-hub/${SECRET}/more`, sent.DOCKER_HUB), 401],
  ['on a wrong path, as Quay', post('/quay/not-the-secret-at-all', sent.QUAY), 401],
  // A secret in a path is for those that can send none otherwise.
  ['unsigned on a secret path, as root.io', post(`/standard/${SECRET}`, sent.ROOT), 401],
  ['unsigned on a secret path, as GitHub', post(`/github/${SECRET}`, sent.GITHUB), 401],
  ['without its authorization on a secret path, as Harbor', post(`/harbor/${SECRET}`, sent.HARBOR), 401],
  ['without a token on a secret path, as Chainguard', post(`/chainguard/${SECRET}`, sent.CHAINGUARD), 401],
  ['signed on a secret path, as GitHub', { ...sent.github(sent.GITHUB), rawPath: `/github/${SECRET}` }, 401],
  ['with the secret in a header, as Docker Hub', post('/docker-hub', sent.DOCKER_HUB, { authorization: SECRET }), 401],
  ['301 seconds late', sent.standard(sent.ROOT, { late: 301 }), 401],
  ['301 seconds early', sent.standard(sent.ROOT, { late: -301 }), 401],
  ['with another body than was signed', { ...sent.github(sent.GITHUB), body: sent.GITHUB.replace('v2', 'v3') }, 401],
  [
    'with another id than was signed',
    { ...sent.standard(sent.ROOT), headers: { ...sent.standard(sent.ROOT).headers, 'webhook-id': 'msg_2' } },
    401,
  ],
  ['with a token of another issuer', sent.chainguard(sent.token({ iss: 'https://issuer.example.com' })), 401],
  ['with a token for another audience', sent.chainguard(sent.token({ aud: 'others' })), 401],
  ['with a token about another group', sent.chainguard(sent.token({ sub: 'webhook:badc0de' })), 401],
  ['with a token that is late', sent.chainguard(sent.token({ exp: sent.NOW / 1000 - 301 })), 401],
  ['with a token that is early', sent.chainguard(sent.token({ nbf: sent.NOW / 1000 + 301 })), 401],
  ['with a token that a stranger signed', sent.chainguard(sent.token({}, { by: STRANGER })), 401],
  ['with a token of another algorithm than its key', sent.chainguard(RS256), 401],
  [
    'with a token that nobody signed',
    sent.chainguard(`${sent.token({}, { alg: 'none' }).split('.').slice(0, 2).join('.')}.AA`),
    401,
  ],
  ['with a body that is too large', sent.standard('x'.repeat(BODY_CEILING + 1)), 413],
  ['with a body that is too large in base64', post('/quay', Buffer.alloc(BODY_CEILING + 1)), 413],
  ['to nobody', post('/nobody', '{}'), 404],
  ['to no path', post('/', '{}'), 404],
  ['by another method', { ...sent.standard(sent.ROOT), requestContext: { http: { method: 'GET' } } }, 404],
  ['as no request at all', {}, 404],
];

describe('a webhook is refused', () => {
  it.each(REFUSED)('that comes %s', async (_, request, status) => {
    const world = receiver();
    expect(await world.take(request)).toBe(status);
    expect(world.pushes()).toEqual([]);
    expect(world.logged).toEqual([{ event: 'webhook-refused', fields: expect.objectContaining({ status }) }]);
    expect(JSON.stringify(world.logged)).not.toContain(SECRET);
  });

  it.each(SOUND.filter(([name]) => !['Docker Hub', 'Quay'].includes(name)))(
    'that is a replay, of %s: it is answered as the first was, and does nothing',
    async (_, request, pushes) => {
      const world = receiver();
      expect(await world.take(request)).toBe(202);
      expect(await world.take(request)).toBe(202);
      expect(world.pushes()).toEqual(pushes);
      expect(world.logged.at(-1)).toMatchObject({ event: 'webhook-refused', fields: { because: 'it came before' } });
    },
  );

  it('while no secret of some length is known', async () => {
    for (const secret of ['', 'short']) {
      const world = receiver({ secrets: async () => [secret] });
      expect(await world.take(post(`/docker-hub/${secret}`, sent.DOCKER_HUB))).toBe(401);
      expect(await world.take(sent.github(sent.GITHUB, { secret }))).toBe(401);
    }
  });

  it('for now, so that its sender tries again, when secrets or the table do not answer', async () => {
    const down = async () => {
      throw new Error('down');
    };
    expect(await receiver({ secrets: down }).take(sent.github(sent.GITHUB))).toBe(503);
    expect(await receiver({ keys: down }).take(sent.chainguard())).toBe(503);
    expect(await receiver({ keep: down }).take(sent.github(sent.GITHUB))).toBe(503);
  });
});

/** What a proven sender may say without anything being done. */
const NOTHING: readonly [string, sent.Post][] = [
  ['no JSON', sent.github('{')],
  ['a list', sent.github('[]')],
  ['a hundred thousand lists in each other', sent.github('['.repeat(100_000) + ']'.repeat(100_000))],
  ['a ping', sent.github('{"zen":"…"}', { event: 'ping' })],
  ['a package that is no image', sent.github(sent.GITHUB.replace('CONTAINER', 'npm'))],
  ['a push without a tag', sent.github(sent.GITHUB.replace('"v2"', 'null'))],
  ['a tag that is none', sent.github(sent.GITHUB.replace('"v2"', '"../v2"'))],
  ['a repository that is none', sent.harbor(sent.HARBOR.replace('"team/app"', '"team/app@x"'))],
  ['an artifact that was pulled', sent.harbor(sent.HARBOR.replace('PUSH_ARTIFACT', 'PULL_ARTIFACT'))],
  ['an image of another registry', sent.standard(sent.ROOT.replace('cr.root.io/', 'docker.io/'))],
  ['no tags', post(`/quay/${SECRET}`, '{"repository":"team/app"}')],
  ['a pull', sent.chainguard(undefined, undefined, { 'ce-type': 'dev.chainguard.registry.pull.v1' })],
  ['a push that failed', sent.chainguard(undefined, sent.CHAINGUARD.replace('"type"', '"error":{},"type"'))],
  [
    'a repository by its id',
    sent.chainguard(undefined, sent.CHAINGUARD.replace('example.com/python', `${'a'.repeat(40)}/${'b'.repeat(16)}`)),
  ],
];

describe('nothing is done', () => {
  it.each(NOTHING)('for %s, and the log says so', async (_, request) => {
    const world = receiver();
    expect(await world.take(request)).toBe(202);
    expect(world.pushes()).toEqual([]);
    expect(world.logged).toEqual([{ event: 'webhook-ignored', fields: expect.anything() }]);
  });
});

it('a webhook names twenty tags at most', async () => {
  const world = receiver();
  const tags = Array.from({ length: 1_000 }, (_, index) => `t${index}`);
  await world.take(post(`/quay/${SECRET}`, JSON.stringify({ repository: 'team/app', updated_tags: tags })));
  expect(world.pushes()).toHaveLength(20);
});

it('whatever is sent has an answer, and nothing is kept', async () => {
  const paths = sent.SENDERS.flatMap(({ name }) => [`/${name}`, `/${name}/x`]);
  const names = [
    'authorization',
    'webhook-id',
    'webhook-timestamp',
    'webhook-signature',
    'x-hub-signature-256',
    'ce-id',
  ];
  const headers = fc.dictionary(fc.constantFrom(...names), fc.string({ unit: 'binary' }));
  const request = fc.record({
    rawPath: fc.oneof(fc.constantFrom(...paths), fc.string()),
    headers,
    body: fc.oneof(fc.json(), fc.string({ unit: 'binary' })),
    isBase64Encoded: fc.boolean(),
    requestContext: fc.constant({ http: { method: 'POST' } }),
  });
  const property = fc.asyncProperty(fc.oneof(request, fc.anything()), async (event) => {
    const world = receiver();
    expect([401, 404, 413]).toContain(await world.take(event));
    expect(world.pushes()).toEqual([]);
  });
  await fc.assert(property);
});
