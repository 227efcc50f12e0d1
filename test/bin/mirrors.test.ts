import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readMirrors } from '../../bin/mirrors';
import { expectLine } from '../spoilt';

describe('a file of mirrors', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mirrors-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const read = (text: string | Buffer) => {
    writeFileSync(join(folder, 'm.yaml'), text);
    return readMirrors('m.yaml', folder);
  };

  it('gives its rows, the registries they name and what they may ask for', async () => {
    const file = await read('mirrors:\n  - source: nginx:1.27\n    destination: registry.example.com/nginx\n');
    expect(file.rows.map(({ key }) => key)).toEqual(['nginx:1.27']);
    expect(file.registries).toEqual(['docker.io', 'registry.example.com']);
    expect(file.permissions).toEqual({ sources: ['**'], destinations: ['**'], outward: [] });
  });

  it('may be JSON', async () => {
    const file = await read('{"mirrors": [{"source": "nginx", "destination": "registry.example.com/nginx"}]}');
    expect(file.rows[0]?.mirror?.source.name).toBe('library/nginx');
  });

  it.each([
    ['a syntax error', 'mirrors:\n  - source: [nginx\n', /^m\.yaml:\d: got .*; YAML 1\.2 or JSON would do$/],
    ['a key twice', 'mirrors: []\nmirrors: []\n', /^m\.yaml:2: got Map keys must be unique; YAML/],
    ['two documents', 'mirrors: []\n---\nmirrors: []\n', /^m\.yaml:\d: got .*multiple documents/i],
    ['an unknown anchor', 'mirrors: *nothing\n', /^m\.yaml(:1)?: got Unresolved alias/],
    ['text', 'just text', /^m\.yaml: got "just text"; a map with a list of mirrors would do/],
    ['nothing', '', /^m\.yaml: got null; a map with a list of mirrors would do/],
    ['an empty list', 'mirrors: []\n', /^m\.yaml: mirrors: got an empty list/],
    ['a section of another name', 'mirors: []\n', /^m\.yaml: .*mirors/],
  ])('is refused in one line for %s', async (_what, text, message) => {
    const error = await read(text).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'UsageError', message: expect.stringMatching(message) });
    expect((error as Error).message).not.toContain('\n');
  });

  it('is read or refused in one line, whatever it holds', async () => {
    const part = fc.constantFrom(
      ...[
        'mirrors:',
        '\n',
        '  ',
        '- ',
        'source: ',
        'nginx',
        '*a',
        '&a ',
        '[',
        ']',
        '{',
        '}',
        ': ',
        '? ',
        '! ',
        '!!binary ',
        '|',
        '>',
      ],
      ...[
        '"',
        "'",
        '# ',
        '---\n',
        '...\n',
        '%YAML 1.1\n',
        '<<: ',
        '\t',
        '~',
        '0x1',
        '1e999',
        '.nan',
        '\u0000',
        '\u2028',
      ],
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 40 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
      fc
        .array(part, { maxLength: 20 })
        .map((parts) => `mirrors:\n  - source: nginx\n    destination: ${parts.join('')}`),
    );
    await fc.assert(
      fc.asyncProperty(text, async (written) => {
        const file = await read(written).catch((error) => expectLine(error, 'UsageError'));
        for (const { mirror, problems } of file?.rows ?? [])
          expect(mirror !== undefined || problems.length > 0).toBe(true);
      }),
    );
  });

  it('is refused when its aliases multiply', async () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i += 1)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    await expect(read(`x-bomb:\n${lines.map((line) => `  ${line}`).join('\n')}\nmirrors: []\n`)).rejects.toThrow(
      /^m\.yaml: got Excessive alias count/,
    );
  });

  it('is refused when it is nested beyond reason', async () => {
    await expect(read('['.repeat(100_000))).rejects.toMatchObject({ name: 'UsageError' });
  });

  it('is refused when it is no text', async () => {
    await expect(read(Buffer.from([0xff, 0xfe, 0x00]))).rejects.toThrow(/bytes that are not UTF-8/);
  });

  it('is refused when it is not there, or a folder', async () => {
    await expect(readMirrors('absent.yaml', folder)).rejects.toThrow('absent.yaml: read: got ENOENT; a file');
    await expect(readMirrors('.', folder)).rejects.toThrow('.: read: got EISDIR; a file');
  });
});
