import fc from 'fast-check';
import { nextLink } from '../../../engine/registry/link';
import { redirectTarget, uploadTarget, withDigest } from '../../../engine/registry/redirect';
import { manifestsIn } from '../../../engine/registry/referrers-index';
import { isTemporaryFailure, isTemporaryStatus, parseRetryAfter, retryDelay } from '../../../engine/registry/retry';
import { scopesAfter, scopesOf } from '../../../engine/registry/scope';
import { isDigest } from '../../../lib/model/digest';
import { anyJson, spoilt } from '../../spoilt';

describe('nextLink', () => {
  it.each([
    ['</v2/a/tags/list?last=x&n=2>; rel="next"', '/v2/a/tags/list?last=x&n=2'],
    ['<https://r/x>; rel=next', 'https://r/x'],
    ['<a>; rel="prev", <b>; title="x, y"; rel="last next"', 'b'],
    ['<a>; rel="nextish"', undefined],
    ['<a>; title="; rel=next", <b>; REL=next', 'b'],
    ['<a>; rel=prev; rel=next', undefined],
    ['<a>', undefined],
    ['rubbish', undefined],
    [undefined, undefined],
  ])('%s leads to %s', (header, target) => {
    expect(nextLink(header)).toBe(target);
  });

  it('is a part of what was written or nothing, whatever that is', () => {
    const part = fc.constantFrom('<', '>', ';', ',', 'rel', '=', '"', 'next', ' ', '/v2/', '\\', 'title', 'é');
    const header = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(part, { maxLength: 60 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.oneof(header, fc.array(header)), (written) => {
        const target = nextLink(written);
        if (target !== undefined) expect([written].flat().join(', ')).toContain(`<${target}>`);
      }),
    );
  });

  it('is found behind any other', () => {
    const target = fc.stringMatching(/^[a-z0-9/?=&%._-]{1,20}$/);
    const other = fc
      .tuple(target, fc.constantFrom('', '; rel=prev', '; title="a, <b>; rel=next"'))
      .map(([to, rest]) => `<${to}>${rest}`);
    fc.assert(
      fc.property(fc.array(other, { maxLength: 5 }), target, (others, to) => {
        expect(nextLink([...others, `<${to}>; rel="next"`].join(', '))).toBe(to);
      }),
    );
  });

  it('is looked for in a long hostile header without going over it again and again', () => {
    for (const text of [
      '<a>;'.repeat(20_000),
      `<a>${'; x="\\'.repeat(20_000)}`,
      '<'.repeat(100_000),
      `<a>${' '.repeat(100_000)}`,
    ]) {
      expect(nextLink(text)).toBeUndefined();
    }
  });
});

describe('an index of referrers', () => {
  const good = {
    schemaVersion: 2,
    manifests: [{ mediaType: 'application/x', digest: `sha256:${'a'.repeat(64)}`, size: 1, artifactType: 'b' }],
  };
  it('names descriptors, or is none, whatever was answered', () => {
    const answers = fc.oneof(
      fc.oneof(spoilt(good), anyJson).map((document) => Buffer.from(JSON.stringify(document) ?? '')),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    expect(manifestsIn(Buffer.from(JSON.stringify(good)))).toEqual(good.manifests);
    fc.assert(
      fc.property(answers, (bytes) => {
        for (const { digest, size } of manifestsIn(bytes) ?? [])
          expect([isDigest(digest), size >= 0]).toEqual([true, true]);
      }),
    );
  });
});

describe('uploadTarget', () => {
  const from = new URL('https://r.example/v2/app/blobs/uploads/');
  it.each([
    ['/v2/app/blobs/uploads/1?_state=a%3D', 'https://r.example/v2/app/blobs/uploads/1?_state=a%3D'],
    ['https://up.example/x?y=1', 'https://up.example/x?y=1'],
    ['//up.example/x', 'https://up.example/x'],
    ['r.example/v2/app/blobs/uploads/1', 'https://r.example/v2/app/blobs/uploads/1'],
    ['r.example:8443/v2/x', 'https://r.example:8443/v2/x'],
    ['1234-5678', 'https://r.example/v2/app/blobs/uploads/1234-5678'],
    ['?session=1', 'https://r.example/v2/app/blobs/uploads/?session=1'],
    ['http://r.example/v2/x', 'https://r.example/v2/x'],
    ['https://user:pass@up.example/x', 'https://up.example/x'],
  ])('%s means %s', (location, target) => {
    expect(uploadTarget(from, location)?.href).toBe(target);
  });

  it('refuses plain http on another host', () => {
    expect(() => uploadTarget(from, 'http://up.example/x')).toThrow(/only https/);
  });

  it('adds the digest and leaves a signed query as it is', () => {
    const url = withDigest(new URL('https://r/x?_state=a%2Bb%3D&c=%20'), 'sha256:ab');
    expect(url.search).toBe('?_state=a%2Bb%3D&c=%20&digest=sha256%3Aab');
    expect(withDigest(new URL('https://r/x'), 'sha256:ab').search).toBe('?digest=sha256%3Aab');
  });
});

describe('redirectTarget', () => {
  const to = (location: string | undefined, status = 307) =>
    redirectTarget(new URL('https://a.example/x'), { status, headers: { location } })?.href;

  it('follows relative and absolute locations, and nothing that is no redirect', () => {
    expect(to('/y')).toBe('https://a.example/y');
    expect(to('https://b.example/y', 302)).toBe('https://b.example/y');
    expect(to('/y', 304)).toBeUndefined();
    expect(to(undefined)).toBeUndefined();
  });

  it('refuses to go from https to http', () => {
    expect(() => to('http://b.example/y')).toThrow(/only https/);
    expect(() => to('file:///etc/passwd')).toThrow(/only https/);
  });
});

describe('retrying', () => {
  it('doubles the most it waits, up to a limit', () => {
    const settings = { baseDelay: 100, maxDelay: 1000 };
    expect([1, 2, 3, 4, 5, 60].map((n) => retryDelay(settings, n, undefined, () => 1))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
    expect(retryDelay(settings, 3, undefined, () => 0)).toBe(0);
  });

  it('does as the server asks, up to a limit', () => {
    const settings = { baseDelay: 100, maxDelay: 10_000 };
    expect(retryDelay(settings, 1, 7000)).toBe(7000);
    expect(retryDelay(settings, 1, 86_400_000)).toBe(10_000);
  });

  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['3', 3000],
    [' 0 ', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('Retry-After %s is %s ms', (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });

  it('knows what may pass', () => {
    expect([408, 429, 500, 502, 503, 504, 522].every(isTemporaryStatus)).toBe(true);
    expect([200, 400, 401, 403, 404, 405, 409, 416, 501].some(isTemporaryStatus)).toBe(false);
    expect(isTemporaryFailure({ code: 'ECONNRESET' })).toBe(true);
    expect(isTemporaryFailure({ errors: [{ code: 'ECONNREFUSED' }] })).toBe(true);
    expect(isTemporaryFailure({ code: 'ENOTFOUND' })).toBe(false);
    expect(isTemporaryFailure(new TypeError('a fault'))).toBe(false);
  });
});

describe('scopes', () => {
  it('names the repository first and where a blob comes from after it', () => {
    expect(scopesOf({ name: 'a', access: 'push', from: 'b' })).toEqual(['repository:a:pull,push', 'repository:b:pull']);
    expect(scopesOf({ name: 'a', access: 'pull' })).toEqual(['repository:a:pull']);
  });

  it.each([
    [undefined, ['repository:a:pull']],
    ['', ['repository:a:pull']],
    ['repository:a:pull', ['repository:a:pull']],
    ['repository:a:pull,delete', ['repository:a:pull,delete']],
    ['aws', ['aws']],
    ['repository:upstream/a:pull', ['repository:upstream/a:pull']],
  ])('after the challenge %s asks for %j', (challenged, expected) => {
    expect(scopesAfter({ name: 'a', access: 'pull' }, challenged)).toEqual(expected);
  });
});
