import fc from 'fast-check';
import { readParts, readText, splitAt } from './reading';

describe('the head of an answer', () => {
  it('has its status, and its fields by names in lower case', () => {
    const { heads } = readText(
      'HTTP/1.1 200 OK\r\nContent-Type:text/plain \t\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n',
    );
    expect(heads).toEqual([
      { minor: 1, status: 200, headers: { 'content-type': 'text/plain', 'x-empty': '', 'content-length': '0' } },
    ]);
  });

  it('joins fields that came more than once, but for those of which there is one', () => {
    const fields = ['Link: <a>', 'link: <b>', 'WWW-Authenticate: Basic', 'WWW-Authenticate: Bearer', 'Location: /a'];
    const { heads } = readText(`HTTP/1.1 200\r\n${fields.join('\r\n')}\r\nlocation: /b\r\n\r\n`);
    expect(heads[0]?.headers).toEqual({ link: '<a>, <b>', 'www-authenticate': 'Basic, Bearer', location: '/a' });
  });

  it('may name a field like what every object has', () => {
    const { heads } = readText('HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\nContent-Length: 0\r\n\r\n');
    expect(Object.entries(heads[0]?.headers ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['content-length', '0'],
    ]);
  });

  it.each([
    ['HTTP/2 200 OK'],
    ['HTTP/1.2 200 OK'],
    ['http/1.1 200 OK'],
    ['HTTP/1.1  200 OK'],
    ['HTTP/1.1 20 OK'],
    ['HTTP/1.1 2000 OK'],
    ['HTTP/1.1 099 OK'],
    ['HTTP/1.1 200 O\x00K'],
    ['HTTP/1.1 200 O\rK'],
    [' HTTP/1.1 200 OK'],
    ['\r\nHTTP/1.1 200 OK'],
    ['HTTP/1.1 200 OK\nX: y'],
    ['HTTP/1.1 200 OK\r\nX : y'],
    ['HTTP/1.1 200 OK\r\n X: y'],
    ['HTTP/1.1 200 OK\r\nX: y\r\n z'],
    ['HTTP/1.1 200 OK\r\nX: y\r\n\tz'],
    ['HTTP/1.1 200 OK\r\nX'],
    ['HTTP/1.1 200 OK\r\n: y'],
    ['HTTP/1.1 200 OK\r\nX: a\x00b'],
    ['HTTP/1.1 200 OK\r\nX: a\rb'],
    ['HTTP/1.1 200 OK\r\nX: a\nb'],
    ['HTTP/1.1 200 OK\r\nX: a\x7fb'],
    ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c'],
  ])('is refused: %j', (head) => {
    expect(readText(`${head}\r\n\r\n`)).toMatchObject({ heads: [], malformed: true });
  });

  it('is refused at once when a line ends in a line feed alone, whatever may follow', () => {
    expect(readText('HTTP/1.1 200 OK\n')).toMatchObject({ malformed: true });
  });

  it('is refused when it is longer than 64 KiB', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ';
    const fitting = 64 * 1024 - head.length - 4;
    expect(readText(`${head}${'x'.repeat(fitting)}\r\n\r\n`)).toMatchObject({ ended: true, malformed: false });
    expect(readText(`${head}${'x'.repeat(fitting + 1)}\r\n\r\n`)).toMatchObject({ heads: [], malformed: true });
    expect(readText('x'.repeat(64 * 1024 + 1))).toMatchObject({ heads: [], malformed: true });
  });

  it('may have others before it that are no answer, and not too many', () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n';
    const answer = 'HTTP/1.1 204 No Content\r\n\r\n';
    const { heads } = readText(`HTTP/1.1 100 Continue\r\n\r\n${early}${answer}`);
    expect(heads.map(({ status }) => status)).toEqual([204]);
    expect(readText(early.repeat(16) + answer)).toMatchObject({ ended: true });
    expect(readText(early.repeat(17) + answer)).toMatchObject({ heads: [], malformed: true });
  });
});

describe('where an answer ends', () => {
  const ok = 'HTTP/1.1 200 OK\r\n';
  it.each([
    ['at its length', 'GET', `${ok}Content-Length: 3\r\n\r\nabc`, 'abc', true],
    ['after no bytes', 'GET', `${ok}Content-Length: 0\r\n\r\n`, '', true],
    [
      'at its last chunk',
      'GET',
      `${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`,
      'abcde',
      true,
    ],
    ['with the connection', 'GET', `${ok}\r\nabc`, 'abc', false],
    ['at its head, of HEAD', 'HEAD', `${ok}Content-Length: 3\r\n\r\n`, '', true],
    ['at its head, of HEAD in chunks', 'HEAD', `${ok}Transfer-Encoding: chunked\r\n\r\n`, '', true],
    ['at its head, of 204', 'GET', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
    ['at its head, of 304', 'GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n', '', true],
    ['at its length, in HTTP/1.0', 'GET', 'HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc', 'abc', false],
    ['and the connection with it', 'GET', `${ok}Connection: Close\r\nContent-Length: 3\r\n\r\nabc`, 'abc', false],
    ['and more of it is said', 'GET', `${ok}Connection: x, close ,y\r\nContent-Length: 3\r\n\r\nabc`, 'abc', false],
  ])('%s', (_, method, text, body, kept) => {
    expect(readText(text, method)).toMatchObject({ body, kept, ended: true, excess: 0, malformed: false });
  });

  it.each([
    ['short of its length', 'Content-Length: 4\r\n\r\nabc'],
    ['short of a chunk', 'Transfer-Encoding: chunked\r\n\r\n4\r\nabc'],
    ['short of the last chunk', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
    ['short of the end of the last chunk', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n'],
  ])('is not reached %s', (_, rest) => {
    expect(readText(ok + rest)).toMatchObject({ body: 'abc', ended: false, malformed: false });
  });

  it.each([
    ['Content-Length: 3\r\nContent-Length: 3'],
    ['Content-Length: 3\r\nContent-Length: 4'],
    ['Content-Length: 3, 3'],
    ['Content-Length: +3'],
    ['Content-Length: -3'],
    ['Content-Length: 0x3'],
    ['Content-Length: 3 3'],
    ['Content-Length:'],
    ['Content-Length: 99999999999999999999'],
    ['Content-Length: 9999999999999999'],
    ['Content-Length: 3\r\nTransfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'],
    ['Transfer-Encoding: gzip, chunked'],
    ['Transfer-Encoding: identity'],
    ['Transfer-Encoding: chunked, identity'],
    ['Transfer-Encoding:'],
  ])('may not be told as %j', (fields) => {
    expect(readText(`${ok}${fields}\r\n\r\nabc`)).toMatchObject({ heads: [], body: '', malformed: true });
    expect(readText(`${ok}${fields}\r\n\r\n`, 'HEAD')).toMatchObject({ heads: [], malformed: true });
  });

  it('may not be told by chunks in HTTP/1.0', () => {
    expect(readText('HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')).toMatchObject({
      malformed: true,
    });
  });

  it('leaves what follows', () => {
    expect(readText(`${ok}Content-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n`)).toMatchObject({ body: 'abc', excess: 17 });
    const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;
    expect(readText(`${chunked}x`)).toMatchObject({ body: 'abc', ended: true, excess: 1 });
  });
});

describe('chunks', () => {
  const chunked = (text: string) => readText(`HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n${text}`);

  it('may have extensions, trailers and large or small letters', () => {
    const text = 'A;x=y\r\n0123456789\r\na ; q="v"\r\n0123456789\r\n00\r\nX: y\r\nDigest: z\r\n\r\n';
    expect(chunked(text)).toMatchObject({ body: '01234567890123456789', ended: true, excess: 0 });
    expect(chunked(text).heads[0]?.headers).toEqual({ 'transfer-encoding': 'Chunked' });
  });

  it.each([
    ['\r\n'],
    ['g\r\nabc'],
    ['-3\r\nabc\r\n'],
    ['0x3\r\nabc\r\n'],
    [' 3\r\nabc\r\n'],
    ['3\nabc\n0\n\n'],
    ['3;a\nb\r\nabc\r\n'],
    ['3;a\rb\r\nabc\r\n'],
    ['3\r\nabcd\r\n0\r\n\r\n'],
    ['3\r\nabc0\r\n\r\n'],
    ['4\r\nabc\r\n0\r\n\r\n'],
    ['10000000000000\r\n'],
    ['0\r\nX : y\r\n\r\n'],
    ['0\r\n folded\r\n\r\n'],
    [`3;${'x'.repeat(4096)}\r\nabc\r\n`],
    [`1;${'x'.repeat(1000)}\r\na\r\n`.repeat(80)],
    [`0\r\n${`X: ${'y'.repeat(1000)}\r\n`.repeat(80)}\r\n`],
  ])('are refused: %.40j', (text) => {
    expect(chunked(text)).toMatchObject({ ended: false, malformed: true });
  });

  it('are bounded in what they carry, not in their number', () => {
    expect(chunked(`${'1;x\r\na\r\n'.repeat(10_000)}0\r\n\r\n`)).toMatchObject({ ended: true, malformed: false });
  });
});

const letters = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '0', ';', ':', ' ', 'é'), maxLength: 60 });
const token = fc.string({ unit: fc.constantFrom('a', 'B', '-', '9', '_'), minLength: 1, maxLength: 8 });
const value = fc.string({ unit: fc.constantFrom('a', 'Z', ',', ';', '"', '/', 'é'), maxLength: 12 });
const places = fc.array(fc.nat({ max: 5000 }), { maxLength: 40 });

/** An answer as a server may send it, and its body. */
const answers = fc
  .record({
    status: fc.constantFrom(200, 201, 404, 500),
    fields: fc.array(fc.tuple(token, value), { maxLength: 5 }),
    parts: fc.array(letters, { maxLength: 6 }),
    framing: fc.constantFrom('length', 'chunked', 'close'),
    interim: fc.nat({ max: 2 }),
  })
  .map(({ status, fields, parts, framing, interim }) => {
    const body = parts.join('');
    const own = fields.filter(([name]) => !/^(connection|content-length|transfer-encoding)$/i.test(name));
    const head = (last: string) =>
      `HTTP/1.1 ${status} x\r\n${[...own.map(([name, text]) => `${name}: ${text}\r\n`)].join('')}${last}\r\n`;
    const chunks = parts.filter((part) => part !== '').map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
    const text = {
      length: `${head(`Content-Length: ${body.length}\r\n`)}${body}`,
      chunked: `${head('Transfer-Encoding: chunked\r\n')}${chunks.join('')}0\r\n\r\n`,
      close: `${head('')}${body}`,
    }[framing];
    return { bytes: Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'.repeat(interim) + text, 'latin1'), body, status };
  });

describe('however the bytes are parted', () => {
  it('an answer is the same', () => {
    fc.assert(
      fc.property(answers, places, ({ bytes, body, status }, at) => {
        const read = readParts(splitAt(bytes, at));
        expect(read).toMatchObject({ body, ended: true, excess: 0, malformed: false });
        expect(read.heads.map((head) => head.status)).toEqual([status]);
        expect(read).toEqual(readParts([bytes]));
      }),
    );
  });

  it('an answer that comes byte by byte is the same', () => {
    fc.assert(
      fc.property(answers, ({ bytes }) => {
        expect(readParts([...bytes].map((byte) => Buffer.from([byte])))).toEqual(readParts([bytes]));
      }),
    );
  });

  it('an answer with something wrong is as wrong', () => {
    const damage = fc.tuple(
      fc.nat({ max: 400 }),
      fc.constantFrom('\r', '\n', '\0', ' ', '0', 'f', ':', ''),
      fc.boolean(),
    );
    fc.assert(
      fc.property(answers, damage, places, ({ bytes }, [at, with_, replaces], parting) => {
        const text = bytes.toString('latin1');
        const place = at % (text.length + 1);
        const damaged = text.slice(0, place) + with_ + text.slice(place + (replaces ? 1 : 0));
        const broken = Buffer.from(damaged, 'latin1');
        const whole = readParts([broken]);
        const parted = readParts(splitAt(broken, parting));
        // Of what is refused, only how much came before may differ.
        if (whole.malformed) expect(parted.malformed).toBe(true);
        else expect(parted).toEqual(whole);
      }),
    );
  });

  it('what is no answer is none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), places, (bytes, at) => {
        expect(readParts(splitAt(Buffer.from(bytes), at))).toMatchObject({ heads: [], body: '', ended: false });
      }),
    );
  });
});
