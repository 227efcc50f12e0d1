import fc from 'fast-check';
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

  it('reads anything, without failing, as schemes and parameters of tokens', () => {
    const part = fc.constantFrom(
      'Bearer',
      'basic',
      ' ',
      ',',
      '=',
      '"',
      '\\',
      'realm',
      'scope',
      'https://x/',
      'a',
      '\t',
      '==',
      '\u0000',
    );
    const header = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(part, { maxLength: 60 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(header, (text) => {
        for (const { scheme, params } of parseChallenges(text)) {
          for (const name of [scheme, ...params.keys()]) expect(name).toMatch(/^[!#$%&'*+.^_`|~0-9a-z-]+$/);
        }
      }),
    );
  });

  it('reads what was written', () => {
    const token = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
    const value = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });
    const challenge = fc.tuple(token, fc.dictionary(token, value, { minKeys: 1, noNullPrototype: true }));
    const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
        const written = challenges.map(
          ([scheme, params]) =>
            `${scheme} ${Object.entries(params)
              .map(([k, v]) => `${k}=${quoted(v)}`)
              .join(', ')}`,
        );
        expect(parse(written.join(', '))).toEqual(challenges);
      }),
    );
  });

  it('reads a long hostile header in no time and without failing', () => {
    expect(() => parse(`Bearer ${'a="b\\'.repeat(20_000)}`)).not.toThrow();
  });
});
