import { parseChallenges } from '../../../engine/registry/challenge';

const parse = (header: string) =>
  parseChallenges(header).map(({ scheme, params }) => [scheme, Object.fromEntries(params)]);

describe('parseChallenges', () => {
  it.each<[string, unknown]>([
    ['', []],
    ['Basic', [['basic', {}]]],
    [
      'Basic realm="https://x/",service="ecr.amazonaws.com"',
      [['basic', { realm: 'https://x/', service: 'ecr.amazonaws.com' }]],
    ],
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull,push"',
      [
        [
          'bearer',
          {
            realm: 'https://auth.docker.io/token',
            service: 'registry.docker.io',
            scope: 'repository:library/nginx:pull,push',
          },
        ],
      ],
    ],
    [
      'Negotiate, Basic realm="a, b", BEARER Realm = "https://t/" , error=invalid_token',
      [
        ['negotiate', {}],
        ['basic', { realm: 'a, b' }],
        ['bearer', { realm: 'https://t/', error: 'invalid_token' }],
      ],
    ],
    [
      'Negotiate dG9rZW4=, Bearer realm="https://t/"',
      [
        ['negotiate', {}],
        ['bearer', { realm: 'https://t/' }],
      ],
    ],
    ['Bearer realm="say \\"hi\\"",realm="second"', [['bearer', { realm: 'say "hi"' }]]],
    [
      'Bearer realm="unclosed, Basic realm=x',
      [
        ['bearer', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [',, ,Bearer realm=x,,', [['bearer', { realm: 'x' }]]],
    ['realm="orphan", Basic realm="b"', [['basic', { realm: 'b' }]]],
    ['ÿ\u0001;;;', []],
  ])('%s', (header, expected) => {
    expect(parse(header)).toEqual(expected);
  });

  it('reads a long hostile header in no time and without failing', () => {
    expect(() => parse(`Bearer ${'a="b\\'.repeat(20_000)}`)).not.toThrow();
  });
});
