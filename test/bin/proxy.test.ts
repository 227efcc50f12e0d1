import { proxyFor } from '../../bin/proxy';
import { secretNamed } from '../../local/canary';

const through = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.href;

describe('the proxy of the environment', () => {
  const proxy = 'http://proxy:3128/';

  it('goes by the scheme of the URL', () => {
    const env = { HTTPS_PROXY: 'http://secure:1', http_proxy: 'plain:2' };
    expect(through('https://quay.io/', env)).toBe('http://secure:1/');
    expect(through('http://registry.example.com/', env)).toBe('http://plain:2/');
    expect(through('https://quay.io/', { ALL_PROXY: proxy })).toBe(proxy);
    expect(through('https://quay.io/', {})).toBeUndefined();
  });

  it('is not used for this machine', () => {
    for (const host of ['localhost:5000', '127.0.0.1:5000', '[::1]:5000']) {
      expect(through(`https://${host}/`, { HTTPS_PROXY: proxy })).toBeUndefined();
    }
  });

  it('is used for a host whose name merely begins as this machine does', () => {
    expect(through('https://127.example.com/', { HTTPS_PROXY: proxy })).toBe(proxy);
  });

  it.each([
    ['*', 'https://quay.io/', false],
    ['quay.io', 'https://quay.io/', false],
    ['quay.io', 'https://cdn.quay.io/', false],
    ['.quay.io', 'https://cdn.quay.io/', false],
    ['*.quay.io', 'https://cdn.quay.io/', false],
    ['quay.io', 'https://notquay.io/', true],
    ['quay.io:443', 'https://quay.io/', false],
    ['quay.io:8443', 'https://quay.io/', true],
    ['a, QUAY.io ,b', 'https://quay.io/', false],
    ['10.0.0.0/8', 'https://10.1.2.3/', false],
    ['10.0.0.0/8', 'https://11.1.2.3/', true],
    ['10.1.2.3', 'https://10.1.2.3:5000/', false],
    ['[fd00::1]', 'https://[fd00::1]/', false],
    ['', 'https://quay.io/', true],
  ])('NO_PROXY=%j: %s', (NO_PROXY, url, proxied) => {
    expect(through(url, { HTTPS_PROXY: proxy, NO_PROXY })).toBe(proxied ? proxy : undefined);
  });

  it('shows nothing of an address that is none, because it may hold a password', () => {
    expect(() => through('https://quay.io/', { HTTPS_PROXY: `ftp://me:${secretNamed('of-the-proxy')}@x` })).toThrow(
      'HTTPS_PROXY: got no address of a proxy; http://proxy.example.com:3128 would do',
    );
  });
});
