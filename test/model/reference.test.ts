import fc from 'fast-check';
import { InvalidValue } from '../../lib/model/invalid';
import {
  formatReference,
  formatRepository,
  parseReference,
  parseRegistry,
  parseRepository,
  sameRepository,
  withDefaultTag,
} from '../../lib/model/reference';
import { reference } from './arbitrary';

const HEX = 'a'.repeat(64);
const PIN = `sha256:${HEX}`;

describe('parseReference normalises as Docker does', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['bitnami/redis', 'docker.io/bitnami/redis'],
    ['docker.io/nginx', 'docker.io/library/nginx'],
    ['docker.io/library/nginx', 'docker.io/library/nginx'],
    ['index.docker.io/nginx:1', 'docker.io/library/nginx:1'],
    ['registry-1.docker.io/library/nginx', 'docker.io/library/nginx'],
    ['docker.io/a/b/c', 'docker.io/a/b/c'],
    ['ghcr.io/org/app', 'ghcr.io/org/app'],
    ['localhost/app', 'localhost/app'],
    ['localhost:5000/app', 'localhost:5000/app'],
    ['localhost:5000', 'docker.io/library/localhost:5000'],
    ['local/app', 'docker.io/local/app'],
    ['Registry/app', 'registry/app'],
    ['GHCR.IO/org/app:V1', 'ghcr.io/org/app:V1'],
    ['127.0.0.1:5000/app', '127.0.0.1:5000/app'],
    ['[::1]/app', '[::1]/app'],
    ['[2001:db8:0:0::1]/app', '[2001:db8::1]/app'],
    ['127.1:5000/app', '127.0.0.1:5000/app'],
    ['0x7f000001:443/app', '127.0.0.1/app'],
    ['[2001:DB8::1]:5000/app:1', '[2001:db8::1]:5000/app:1'],
    ['ghcr.io:443/org/app', 'ghcr.io/org/app'],
    [`nginx@${PIN}`, `docker.io/library/nginx@${PIN}`],
    [`ghcr.io/org/app:1@${PIN}`, `ghcr.io/org/app:1@${PIN}`],
    [`host:5000/app@${PIN}`, `host:5000/app@${PIN}`],
    ['a--b/c__d/e.f_g', 'docker.io/a--b/c__d/e.f_g'],
    ['  nginx:1  ', 'docker.io/library/nginx:1'],
    [HEX.slice(1), `docker.io/library/${HEX.slice(1)}`],
  ])('%s is %s', (text, canonical) => {
    expect(formatReference(parseReference(text))).toBe(canonical);
  });
});

describe('parseReference refuses', () => {
  it.each([
    ['nothing', '', /would do/],
    ['a scheme', 'https://ghcr.io/org/app', /leave the scheme out/],
    ['an image id', HEX, /image id/],
    ['upper case in a name', 'ghcr.io/Org/app', /lower case/],
    ['upper case in a short name', 'Nginx', /lower case/],
    ['an empty tag', 'nginx:', /a tag would do/],
    ['a tag that begins with a dash', 'nginx:-x', /a tag would do/],
    ['a tag of 129 characters', `nginx:${'x'.repeat(129)}`, /a tag would do/],
    ['a short digest', 'nginx@sha256:abc', /a digest would do/],
    ['an unknown algorithm', `nginx@md5:${HEX}`, /a digest would do/],
    ['a digest in upper case', `nginx@sha256:${'A'.repeat(64)}`, /a digest would do/],
    ['three underscores', 'ghcr.io/a___b', /would do/],
    ['a component that begins with a dot', 'ghcr.io/.a', /would do/],
    ['an empty component', 'ghcr.io/a//b', /would do/],
    ['a leading slash', '/nginx', /would do/],
    ['a trailing slash', 'ghcr.io/org/', /would do/],
    ['only a registry', 'ghcr.io/', /would do/],
    ['a port that is none', 'ghcr.io:x/app', /a host would do/],
    ['port 0', 'ghcr.io:0/app', /a host would do/],
    ['port 65536', 'ghcr.io:65536/app', /a host would do/],
    ['a host with an underscore', 'my_host.example/app', /a host would do/],
    ['a host that ends in a dash', 'bad-.example/app', /a host would do/],
    ['what looks like an address and is none', '1.2.3.4.5/app', /a host would do/],
    ['an impossible IPv6 address', '[1::2::3]/app', /a host would do/],
    ['IPv6 without brackets', '2001:db8::1/app', /a host would do/],
    ['spaces inside', 'nginx :1', /would do/],
    ['more than 255 characters', `ghcr.io/${'a'.repeat(248)}`, /255/],
  ])('%s', (_, text, remedy) => {
    expect(() => parseReference(text)).toThrow(InvalidValue);
    expect(() => parseReference(text)).toThrow(remedy);
  });

  it('takes 255 characters of host and name', () => {
    expect(parseReference(`ghcr.io/${'a'.repeat(247)}`).repository.name).toHaveLength(247);
  });

  it('answers in one line whatever it was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          const canonical = formatReference(parseReference(text));
          expect(formatReference(parseReference(canonical))).toBe(canonical);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidValue);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is the point
          expect((error as Error).message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
        }
      }),
    );
  });
});

it('parses what it formats to the same value', () => {
  fc.assert(fc.property(reference, (value) => expect(parseReference(formatReference(value))).toEqual(value)));
});

describe('withDefaultTag', () => {
  it('adds latest to a bare repository', () => {
    expect(withDefaultTag(parseReference('nginx')).tag).toBe('latest');
  });
  it('leaves a tag and a digest alone', () => {
    expect(withDefaultTag(parseReference('nginx:1')).tag).toBe('1');
    expect(withDefaultTag(parseReference(`nginx@${PIN}`)).tag).toBeUndefined();
  });
});

describe('registries and repositories', () => {
  it('gives two spellings of one registry the same text', () => {
    expect(['Index.Docker.IO', 'docker.io', 'registry-1.docker.io', 'docker.io:443'].map(parseRegistry)).toEqual(
      Array(4).fill('docker.io'),
    );
  });
  it.each(['', 'a/b', 'https://ghcr.io', 'ghcr.io:', 'ghcr.io.', 'a b'])('refuses %j as a registry', (text) => {
    expect(() => parseRegistry(text)).toThrow(InvalidValue);
  });
  it('refuses a tag where a repository is asked for', () => {
    expect(() => parseRepository('nginx:1')).toThrow(InvalidValue);
  });
  it('compares registry and name', () => {
    expect(sameRepository(parseRepository('nginx'), parseRepository('docker.io/library/nginx'))).toBe(true);
    expect(sameRepository(parseRepository('nginx'), parseRepository('ghcr.io/library/nginx'))).toBe(false);
    expect(formatRepository(parseRepository('nginx'))).toBe('docker.io/library/nginx');
  });
});
