import fc from 'fast-check';
import { requestHead } from '../../../../engine/registry/wire/request-head';
import { newSecret } from '../../../../local/canary';

const url = new URL('https://r.example:8443/v2/a%20b/?q=%7C&x=ü');

describe('the head of a request', () => {
  it('names the host, and asks for the connection to be kept', () => {
    expect(requestHead('GET', url, { 'User-Agent': 'me', range: 'bytes=5-' })).toBe(
      'GET /v2/a%20b/?q=%7C&x=%C3%BC HTTP/1.1\r\nhost: r.example:8443\r\nconnection: keep-alive\r\n' +
        'user-agent: me\r\nrange: bytes=5-\r\n\r\n',
    );
  });

  it.each([
    ['https://r.example/', 'r.example'],
    ['http://r.example:80/', 'r.example'],
    ['http://[::1]:5000/', '[::1]:5000'],
  ])('says of %s that its host is %s', (text, host) => {
    expect(requestHead('GET', new URL(text), {})).toContain(`\r\nhost: ${host}\r\n`);
  });

  it.each([
    ['POST', true],
    ['PUT', true],
    ['GET', false],
    ['HEAD', false],
    ['DELETE', false],
  ])('of %s without a body has a length: %s', (method, has) => {
    expect(requestHead(method, url, {}).includes('content-length: 0\r\n')).toBe(has);
  });

  it('has one length', () => {
    const head = requestHead('PUT', url, { 'Content-Length': 7, 'content-length': 5 });
    expect(head.match(/content-length: .*/gi)).toEqual(['content-length: 5']);
  });

  it.each([
    ['x', 'a\r\nb: c'],
    ['x', 'a\nb'],
    ['x', 'a\rb'],
    ['x', 'a\0b'],
    ['x', 'a☃'],
    ['x\r\ny', 'a'],
    ['x y', 'a'],
    ['x:', 'a'],
    ['', 'a'],
    ['Host', 'other.example'],
    ['Connection', 'close'],
    ['Transfer-Encoding', 'chunked'],
  ])('never has %j: %j, and the refusal does not show the value', (name, value) => {
    expect(() => requestHead('GET', url, { [name]: value })).toThrow(TypeError);
    const secret = newSecret();
    expect(() => requestHead('GET', url, { [name]: value + secret })).not.toThrow(secret);
  });

  it('is never more lines than it has fields, whatever is asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (path, value) => {
        const asked = new URL('https://r.example/');
        asked.pathname = path;
        asked.search = value;
        let head: string;
        try {
          head = requestHead('GET', asked, { x: value });
        } catch {
          return;
        }
        expect(head.split(/[\r\n]+/)).toHaveLength(5);
      }),
    );
  });
});
