import { readFileSync } from 'node:fs';
import { escapeMarkdown, notesOf, sectionOf, withSection } from '../../../scripts/release/changelog';
import { changesOf } from '../../../scripts/release/commits';

const release = { version: '0.2.0', date: '2026-12-01', last: '0.1.0', repository: 'https://github.com/o/r' };
const changes = (...messages: string[]) =>
  changesOf(messages.map((message, at) => ({ id: String(at).repeat(40), message })));
const empty = readFileSync('CHANGELOG.md', 'utf8').replace(/(<!-- releases -->\n)[\s\S]*/, '$1');

describe('the section of a release', () => {
  it('says what breaks, then what is new, what was mended, and leaves the rest out', () => {
    const section = sectionOf(
      changes('fix(cli): b', 'docs: c', 'feat: a', 'A sentence', 'feat(lib)!: d\n\nBREAKING CHANGE: use e'),
      release,
    );
    expect(section).toBe(`## [0.2.0](https://github.com/o/r/compare/v0.1.0...v0.2.0) (2026-12-01)

### What breaks

- **lib:** d: use e ([4444444](https://github.com/o/r/commit/${'4'.repeat(40)}))

### Features

- a ([2222222](https://github.com/o/r/commit/${'2'.repeat(40)}))

### Fixes

- **cli:** b ([0000000](https://github.com/o/r/commit/${'0'.repeat(40)}))
`);
  });

  it('of the first release needs no commits', () => {
    expect(sectionOf([], { ...release, version: '0.1.0', last: undefined })).toBe(
      '## 0.1.0 (2026-12-01)\n\nThe first release.\n',
    );
  });
});

describe('what a commit says', () => {
  it.each([
    ['<img src=x onerror=alert(1)>', '\\<img src=x onerror=alert(1)\\>'],
    ['[a](https://evil.example)', '\\[a\\](https:\u200b//evil.example)'],
    ['![a](x)', '\\!\\[a\\](x)'],
    ['thanks @everyone', 'thanks @\u200beveryone'],
    ['`@everyone`', '`@\u200beveryone`'],
    ['see www.evil.example', 'see www\u200b.evil.example'],
    ['a `code <b>` b', 'a `code <b>` b'],
    ['an open ` and <b>', 'an open \\` and \\<b\\>'],
    ['- a list', '\\- a list'],
    ['1. a list', '1\\. a list'],
    ['# a heading', '\\# a heading'],
    ['a\n## 9.9.9 (2026-01-01)', 'a \\#\\# 9.9.9 (2026-01-01)'],
    ['\u001b[31mred\u202e', '\ufffd\\[31mred\ufffd'],
    ['\\[a](b)', '\\\\\\[a\\](b)'],
    ['--- a', '\\--- a'],
  ])('%j is text', (text, escaped) => expect(escapeMarkdown(text)).toBe(escaped));
});

describe('the changelog', () => {
  it('has the newest release on top, and what it says of each can be asked for', () => {
    const first = withSection(empty, sectionOf([], { ...release, version: '0.1.0', last: undefined }), '0.1.0');
    const second = withSection(first, sectionOf(changes("feat: cost $& and $' more"), release), '0.2.0');
    expect(second.match(/^## .*$/gm)).toEqual([expect.stringContaining('[0.2.0]'), '## 0.1.0 (2026-12-01)']);
    expect(notesOf(second, '0.1.0')).toBe('The first release.');
    expect(notesOf(second, '0.2.0')).toMatch(/^### Features\n\n- cost \$& and \$' more \(\[0000000\]/);
    expect(notesOf(second, '0.1')).toBeUndefined();
    expect(second.startsWith(empty.trimEnd())).toBe(true);
  });

  it('takes no release twice, and none where it has no place for it', () => {
    const section = sectionOf([], { ...release, last: undefined });
    const once = withSection(empty, section, '0.2.0');
    expect(() => withSection(once, section, '0.2.0')).toThrow(/got 0\.2\.0 already/);
    expect(() => withSection('# Changelog\n', section, '0.2.0')).toThrow(/got no line <!-- releases -->/);
  });

  it('of this repository has a place for the next', () => expect(empty).toContain('<!-- releases -->'));
});
