import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { parse } from 'yaml';
import { EcrMirror, ImageList } from '../../lib';
import { openBench } from '../bin/drive';
import { emptyStack } from './stack';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-list-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function listed(text: string) {
  const path = join(folder, 'images.yaml');
  writeFileSync(path, text);
  return ImageList.fromFile(path);
}
const image = (entry: string) => listed(`images:\n  - ${entry}\n`);

describe('a list of images', () => {
  it('is a row for each tag that is named', () => {
    expect(image("{source: docker.io/library/nginx, tags: ['1.27', '1.28']}")).toEqual([
      { source: 'docker.io/library/nginx:1.27' },
      { source: 'docker.io/library/nginx:1.28' },
    ]);
    expect(image('{source: nginx, tags: edge}')).toEqual([{ source: 'nginx:edge' }]);
  });

  it.each([
    ["'>=1.25 <2'", { semver: '>=1.25 <2' }],
    ["['~1.27']", { semver: '~1.27' }],
    ["['1.*', '/^v\\d+$/', stable]", { include: ['1.*', '/^v\\d+$/', 'stable'] }],
    [
      "{semver: '>=1', exclude: ['*-rc*'], latest: 3, min: 1}",
      { semver: '>=1', exclude: ['*-rc*'], latest: 3, min: 1 },
    ],
  ])('selects by %s', (tags, selection) => {
    const [only, ...others] = image(`{source: nginx, tags: ${tags}}`);
    expect(others).toEqual([]);
    expect(only?.tags?._selection()).toEqual(selection);
  });

  it('takes an image without tags as it is, its platforms, its repository, and what is anybody’s', () => {
    const entry = '{source: "nginx:1", name: Web, platforms: [linux/arm64], destination: mirror/web, x-team: web}';
    expect(image(entry)).toEqual([{ source: 'nginx:1', platforms: ['linux/arm64'], repositoryName: 'mirror/web' }]);
  });

  it('makes repositories and rows', () => {
    const stack = emptyStack();
    const images = listed("images: [{source: nginx, tags: ['1.27', '1.28']}, {source: quay.io/a/b, tags: 'v1.*'}]");
    new EcrMirror(stack, 'Mirror', { images });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ECR::Repository', { RepositoryName: 'mirror/docker-hub/library/nginx' });
    template.resourceCountIs('Custom::MirrorRow', 3);
  });

  it.each([
    ['images: [', /^ImageList: read ".*images.yaml": got .*; YAML 1.2 or JSON would do \[PROPS_INVALID\]$/],
    ['[]', /^images.yaml: images: got .*; a list would do: images: \[/],
    ['images: {a: 1}', /^images.yaml: images: got .*a list would do/],
    [
      'imagse: []\nimages: []',
      /^images.yaml: imagse: is not known in a list of images; images would do \[PROPS_INVALID\]$/,
    ],
    ['images: [nginx]', /^images.yaml: images\[0\]: got "nginx"; a map such as/],
    [
      'images: [{source: nginx}, {source: UPPER/Case}]',
      /^images.yaml: images\[1\].source: got "UPPER\/Case", which is no/,
    ],
    ['images: [{source: nginx, tag: x}]', /^images.yaml: images\[0\].tag: is not known .*source, name, tags, dest/],
    [
      'images: [{source: nginx, tags: [1.10]}]',
      /^images.yaml: images\[0\].tags\[0\]: got .*; the same in quotes would/,
    ],
    [
      'images: [{source: nginx, tags: []}]',
      /^images.yaml: images\[0\].tags: got no tags; one would do \[PROPS_INVALID\]$/,
    ],
    [
      "images: [{source: nginx, tags: ['>=1', '2']}]",
      /images\[0\].tags: got a range among other tags; an entry of its/,
    ],
    ["images: [{source: nginx, tags: '>=1.x.y.z'}]", /^images.yaml: images\[0\].tags: got/],
    ["images: [{source: nginx, tags: ['/(/']}]", /^images.yaml: images\[0\].tags: got/],
    ['images: [{source: nginx, tags: {latest: 0}}]', /^images.yaml: images\[0\].tags.latest: got/],
    [
      'images: [{source: nginx, tags: {latset: 1}}]',
      /^images.yaml: images\[0\].tags.latset: got "latset"; latest would/,
    ],
    ["images: [{source: 'nginx:1', tags: '2'}]", /images\[0\].source: got "nginx:1" with tags; a source without tag/],
    ['images: [{source: nginx, platforms: [amd]}]', /^images.yaml: images\[0\].platforms: got "amd"; linux\/amd64/],
    [
      'images: [{source: nginx, destination: a.io/b}]',
      /images\[0\].destination: got "a.io\/b"; the name of a repository in/,
    ],
    ['images: [{source: nginx, destination: 5}]', /images\[0\].destination: got/],
  ])('refuses %j in one line', (text, expected) => {
    const said = (() => {
      try {
        return String(listed(text));
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(said).toMatch(expected);
    expect(said).not.toContain('\n');
  });

  it('says that there is none', () => {
    expect(() => ImageList.fromFile(join(folder, 'absent.yaml'))).toThrow(
      /^ImageList: read ".*": got ENOENT; a list of/,
    );
  });

  it('is not filled by aliases of aliases', () => {
    const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]'];
    for (let i = 1; i < 6; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(',')}]`,
      );
    expect(() => listed(`${lines.join('\n')}\nimages: *a5\n`)).toThrow(/Excessive alias count.*would do/);
  });

  it('is the same list to the command line', async () => {
    const bench = openBench();
    try {
      const text =
        "images: [{source: nginx, tags: ['1.27']}, {source: quay.io/a/b, tags: '>=1', destination: mirror/b}]\n";
      bench.write('images.yaml', text);
      const { code, out, err } = await bench.run(['import', 'images.yaml', '--destination', 'r.example.com/m']);
      expect({ code, err }).toEqual({ code: 0, err: [] });
      expect(parse(out.join('\n')).mirrors).toEqual([
        { source: 'nginx:1.27', destination: 'r.example.com/m/library/nginx' },
        { source: 'quay.io/a/b', destination: 'r.example.com/m/mirror/b', tags: { semver: '>=1' } },
      ]);
      expect(ImageList.fromFile(join(bench.folder, 'images.yaml'))).toHaveLength(2);
    } finally {
      await bench.close();
    }
  });
});
