import { readdirSync } from 'node:fs';
import { documents, read } from './documents';
import { anchorsOf, linkProblem, linksOf } from './links';

/** Where documents lead outside. A new one is a decision, and a misspelt one is not in here. */
const HOSTS = new Set([
  'cyclonedx.org',
  'docs.aws.amazon.com',
  'docs.github.com',
  'docs.npmjs.com',
  'docs.sigstore.dev',
  'github.com',
  'semver.org',
  'www.conventionalcommits.org',
]);
const OF_GITHUB = readdirSync('.github')
  .filter((file) => file.endsWith('.md'))
  .map((file) => `.github/${file}`);

describe.each([...documents(), ...OF_GITHUB])('%s', (path) => {
  it('leads only where something is', () => {
    const problems = linksOf(read(path)).map((target) => [target, linkProblem(target, path, HOSTS)]);
    expect(problems.filter(([, problem]) => problem !== undefined)).toEqual([]);
  });
});

describe('links', () => {
  it.each([
    ['[a](b.md) and [c](d.md#e)', ['b.md', 'd.md#e']],
    ['[`code`](b.md)', ['b.md']],
    ['![picture](p.svg "title")', ['p.svg']],
    ['[a](<b.md>)', ['b.md']],
    ['[a][1]\n\n[1]: https://example.com/x', ['https://example.com/x']],
    ['<https://example.com>', ['https://example.com']],
    ['<img width="9" src="p.png"> <a href="#x">y</a>', ['p.png', '#x']],
    ['```md\n[a](b.md)\n```', []],
    ['- item\n\n  ```md\n  [a](b.md)\n  ```\n', []],
    ['`<a href="x">` and ``<https://example.com>``', []],
    ['<!-- <a href="x"> -->', []],
  ])('of %j are %j', (markdown, targets) => expect(linksOf(markdown)).toEqual(targets));

  it.each([
    ['README.md', 'docs/rows.md', undefined],
    ['docs/rows.md', '../README.md', undefined],
    ['README.md', 'docs/nothing.md', 'there is no such file'],
    ['README.md', 'docs/rows.md#nothing', 'there is no such heading'],
    ['README.md', '../elsewhere.md', 'leads out of the repository'],
    ['README.md', '/etc/passwd', 'leads out of the repository'],
    ['README.md', 'http://github.com', 'not https'],
    ['README.md', 'https://githbu.com/a', 'githbu.com is not among the hosts that documents lead to'],
    ['README.md', 'https://user@github.com/a', 'somebody is named in it'],
    ['README.md', 'https://', 'no address'],
    ['README.md', 'javascript:alert(1)', 'not https'],
  ])('in %s to %s: %s', (from, target, problem) => expect(linkProblem(target, from, HOSTS)).toBe(problem));

  it('are to headings as GitHub names them', () => {
    const markdown = '# A & b\n## `sync -f FILE`\n## A & b\n## [c](d)\n```\n# no\n```\n<a name="x" id="Y.z"></a>\n';
    expect([...anchorsOf(markdown)]).toEqual(['a--b', 'sync--f-file', 'a--b-1', 'c', 'x', 'Y.z']);
  });
});
