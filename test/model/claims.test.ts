import { type Claims, createClaims } from '../../lib/model/claims';
import { parseReference, parseRepository } from '../../lib/model/reference';

const row = (key: string, ...names: string[]) => ({
  key,
  source: parseRepository('app'),
  select: { kind: 'tags', selection: {} } as const,
  destinations: names.map((name) => ({ repository: parseRepository(name) })),
  referrers: true,
});
const holders = (claims: Claims, destination: string) => claims.holders(destination).map(({ key }) => key);

describe('claims', () => {
  it('name the rows that write a destination, in the order in which they said so', () => {
    const claims = createClaims();
    claims.claim('localhost/a:1', row('row one'));
    claims.claim(parseReference('localhost/a:1'), row('row two'));
    claims.claim('localhost/a:1', row('row three'));
    claims.claim('localhost/a:2', row('row two'));
    claims.claim('localhost/b:1', row('row two'));
    expect(holders(claims, 'localhost/a:1')).toEqual(['row one', 'row two', 'row three']);
    expect(holders(claims, 'localhost/a:2')).toEqual(['row two']);
    expect(holders(claims, 'localhost/b:1')).toEqual(['row two']);
    expect(holders(claims, 'localhost/c:1')).toEqual([]);
  });
  it('name a row that says so twice once', () => {
    const claims = createClaims();
    claims.claim('nginx:1', row('row'));
    claims.claim('docker.io/library/nginx:1', row('row'));
    expect(holders(claims, 'nginx:1')).toEqual(['row']);
  });
  it('tell a tag from a digest, and rows named like numbers or words of the language apart', () => {
    const claims = createClaims();
    const digest = `sha256:${'a'.repeat(64)}`;
    claims.claim(`localhost/a@${digest}`, row('constructor'));
    claims.claim(`localhost/a@${digest}`, row('0'));
    claims.claim('localhost/a:__proto__', row('0'));
    expect(holders(claims, `localhost/a@${digest}`)).toEqual(['constructor', '0']);
    expect(holders(claims, 'localhost/a:__proto__')).toEqual(['0']);
    expect(holders(claims, `localhost/a@sha256:${'b'.repeat(64)}`)).toEqual([]);
  });
  it('name the rows that select tags for a repository, once each, in the order in which they said so', () => {
    const claims = createClaims();
    claims.claimRepositories(row('one', 'localhost/a', 'localhost/b', 'localhost/a'));
    claims.claimRepositories(row('two', 'localhost/a'));
    const selecting = (name: string) => claims.selecting(parseRepository(name)).map(({ key }) => key);
    expect(['localhost/a', 'localhost/b', 'localhost/c'].map(selecting)).toEqual([['one', 'two'], ['one'], []]);
  });
  it('hold a hundred thousand destinations', () => {
    const claims = createClaims();
    for (let index = 0; index < 100_000; index += 1)
      claims.claim(`localhost/a-${index % 300}:${index}`, row(`row ${index % 300}`));
    claims.claim('localhost/a-7:7', row('another'));
    expect(holders(claims, 'localhost/a-7:7')).toEqual(['row 7', 'another']);
    expect(holders(claims, 'localhost/a-8:8')).toEqual(['row 8']);
  });
});
