import fc from 'fast-check';
import {
  matchesPattern,
  type Permissions,
  patternProblem,
  permits,
  validatePermissions,
} from '../../lib/model/permissions';
import { formatRepository, parseRepository } from '../../lib/model/reference';
import { repository } from './arbitrary';

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

describe('a pattern', () => {
  it.each([
    ['**', 'nginx', true],
    ['docker.io/**', 'nginx', true],
    ['docker.io/**', 'ghcr.io/a/b', false],
    ['docker.io/library/*', 'nginx', true],
    ['docker.io/library/*', 'bitnami/nginx', false],
    ['docker.io/*', 'nginx', false],
    ['ghcr.io/*', 'ghcr.io/app', true],
    ['ghcr.io/org/**', 'ghcr.io/org', false],
    ['ghcr.io/org/**', 'ghcr.io/org/a/b', true],
    ['ghcr.io/org/**', 'ghcr.io/organisation/a', false],
    ['ghcr.io/org/*/app', 'ghcr.io/org/team/app', true],
    ['ghcr.io/org/*/app', 'ghcr.io/org/team/sub/app', false],
    ['ghcr.io/org/**/app', 'ghcr.io/org/app', true],
    ['ghcr.io/org/**/app', 'ghcr.io/org/x/y/app', true],
    ['ghcr.io/org/team-*', 'ghcr.io/org/team-a', true],
    ['ghcr.io/org/team-*', 'ghcr.io/org/team-a/b', false],
    ['ghcr.io/**/**', 'ghcr.io/a', true],
    ['*/library/nginx', 'nginx', true],
    ['**/library/nginx', 'ghcr.io/library/nginx', true],
    ['*.example.com/**', 'a.example.com/x', true],
    ['*.example.com/**', 'a.b.example.com/x', false],
    ['*.example.com/**', 'example.com/x', false],
    ['localhost:5000/**', 'localhost:5000/x', true],
    ['localhost:5000/**', 'localhost:5001/x', false],
    ['localhost:*/**', 'localhost:5001/x', true],
    ['localhost/**', 'localhost:5000/x', false],
    ['[::1]:5000/**', '[::1]:5000/x', true],
    [`${ECR}/mirror/**`, `${ECR}/mirror/a`, true],
    [`${ECR}/mirror/**`, `${ECR}/mirror-a/b`, false],
    ['*.dkr.ecr.*.amazonaws.com/**', `${ECR}/a`, true],
    ['*.dkr.ecr.*.amazonaws.com/**', '1.dkr.ecr.x.evil.io.amazonaws.com/a', false],
    ['*.dkr.ecr.*.amazonaws.com/**', `evil.com/${ECR}/mirror/a`, false],
    ['ghcr.io/a.b', 'ghcr.io/a-b', false],
    ['ghcr.io/*a*b*', 'ghcr.io/xaxbx', true],
    ['[::1]/**', '[::1]/x', true],
    ['[::1]/**', '[::1]:5000/x', false],
    ['**', 'ghcr.io/a', true],
  ])('%s covers %s: %s', (pattern, text, covers) => {
    expect(patternProblem(pattern)).toBeUndefined();
    expect(matchesPattern(pattern, parseRepository(text))).toBe(covers);
  });

  it.each([
    '',
    '*',
    'docker.io',
    'docker.io/',
    '/nginx',
    'docker.io//x',
    'ghcr.io/a**',
    'ghcr.io/***',
    '**.io/x',
    'ghcr.io/A',
    'ghcr.io/{a,b}',
    'https://ghcr.io/x',
    'ghcr.io/a*a*a*a*',
    `ghcr.io/${'a/'.repeat(300)}a`,
    5,
    null,
  ])('is not %j, which covers nothing', (pattern) => {
    expect(patternProblem(pattern)).toMatch(/^got .* would do/);
    fc.assert(
      fc.property(repository, (any) => expect(matchesPattern(pattern as string, any)).toBe(false)),
      { numRuns: 20 },
    );
  });

  it('is as long as 512 characters and has as many as eight wildcards', () => {
    const long = (length: number) => `ghcr.io/${'a/'.repeat(251)}`.padEnd(length, 'a');
    expect([512, 513].map((length) => patternProblem(long(length)))).toEqual([
      undefined,
      expect.stringContaining('512'),
    ]);
    const starred = (count: number) => `ghcr.io/${Array(count).fill('*').join('/')}`;
    expect([8, 9].map((count) => patternProblem(starred(count)))).toEqual([
      undefined,
      expect.stringContaining('8 wildcards'),
    ]);
    expect(patternProblem(`ghcr.io/${Array(8).fill('**').join('/a/')}`)).toBeUndefined();
  });

  it('is never fooled by a path that looks like a host', () => {
    const patterns = [
      `${ECR}/**`,
      `${ECR}/mirror/*`,
      '*.dkr.ecr.*.amazonaws.com/**',
      '*.dkr.ecr.eu-west-1.amazonaws.com/**/x',
    ];
    fc.assert(
      fc.property(repository, repository, (evil, inner) => {
        fc.pre(evil.registry !== ECR);
        const name = `${ECR}/${inner.name}`;
        for (const pattern of patterns) expect(matchesPattern(pattern, { registry: evil.registry, name })).toBe(false);
      }),
    );
  });
  it('is never fooled by a host that goes on', () => {
    fc.assert(
      fc.property(repository, ({ registry, name }) => {
        expect(matchesPattern(`${ECR}/**`, { registry: `${ECR}.${registry}`, name })).toBe(false);
        expect(matchesPattern(`${ECR}/**`, { registry: `${registry}.${ECR}`, name })).toBe(false);
      }),
    );
  });
  it('covers itself when it has no star', () => {
    fc.assert(fc.property(repository, (any) => expect(matchesPattern(formatRepository(any), any)).toBe(true)));
  });
});

describe('permits', () => {
  const permissions: Permissions = {
    sources: ['docker.io/**'],
    destinations: [`${ECR}/mirror/**`],
    outward: [{ from: `${ECR}/apps/*`, to: 'ghcr.io/our/**' }],
  };
  const ask = (source: string, destination: string) =>
    permits(permissions, parseRepository(source), parseRepository(destination));

  it('allows what both lists cover', () => {
    expect(ask('nginx', `${ECR}/mirror/nginx`)).toBeUndefined();
  });
  it('allows a declared pair, and only as a pair', () => {
    expect(ask(`${ECR}/apps/shop`, 'ghcr.io/our/shop')).toBeUndefined();
    expect(ask(`${ECR}/prod/shop`, 'ghcr.io/our/shop')).toMatch(/^source .*prod\/shop is not allowed/);
    expect(ask('nginx', 'ghcr.io/our/nginx')).toMatch(/^destination ghcr.io\/our\/nginx is not allowed/);
    expect(ask(`${ECR}/apps/shop`, 'ghcr.io/stranger/shop')).toBeDefined();
  });
  it('says which side, what is allowed and what would do', () => {
    expect(ask('quay.io/a/b', `${ECR}/mirror/b`)).toBe(
      'source quay.io/a/b is not allowed; allowed: docker.io/**; a source among these would do, or a wider list in the construct or file',
    );
    expect(ask('nginx', `${ECR}/prod/app`)).toContain(`allowed: ${ECR}/mirror/**`);
  });
  it('allows what any pattern of a list covers', () => {
    const some = { sources: ['quay.io/**', 'docker.io/**'], destinations: ['ghcr.io/a', 'ghcr.io/b'], outward: [] };
    expect(permits(some, parseRepository('nginx'), parseRepository('ghcr.io/b'))).toBeUndefined();
  });
  it('names three of the patterns that allow, and says that there are more', () => {
    const line = (...sources: string[]) =>
      permits({ sources, destinations: [], outward: [] }, parseRepository('nginx'), parseRepository('ghcr.io/b'));
    expect(line('a.io/**', 'b.io/**', 'c.io/**')).toContain('allowed: a.io/**, b.io/**, c.io/**; a source');
    expect(line('a.io/**', 'b.io/**', 'c.io/**', 'd.io/**')).toContain(
      'allowed: a.io/**, b.io/**, c.io/**, …; a source',
    );
  });
  it('allows nothing with empty lists', () => {
    const none = { sources: [], destinations: [], outward: [] };
    fc.assert(fc.property(repository, repository, (a, b) => expect(permits(none, a, b)).toContain('allowed: nothing')));
  });
});

describe('validatePermissions', () => {
  const sound: Permissions = {
    sources: ['**'],
    destinations: ['ghcr.io/**'],
    outward: [{ from: '**', to: 'ghcr.io/a' }],
  };
  it('takes what is sound', () => {
    expect(() => validatePermissions(sound)).not.toThrow();
  });
  it.each([
    [{ sources: ['docker.io'] }, /sources\[0\]: got "docker.io"/],
    [{ destinations: ['**', 'x'] }, /destinations\[1\]: got "x"/],
    [{ outward: [{ from: 'x', to: '**' }] }, /outward\[0\]\.from/],
    [{ outward: [{ from: '**', to: 'x' }] }, /outward\[0\]\.to/],
  ])('names the list and the place: %j', (wrong, line) => {
    expect(() => validatePermissions({ ...sound, ...wrong })).toThrow(line);
    expect(() => validatePermissions({ ...sound, ...wrong })).toThrow(
      'registry/name with * or ** would do, such as docker.io/library/* or docker.io/**',
    );
  });
});
