import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { DetailType, EVENT_SOURCE } from '../../lib/model/announcement';
import { readImageList } from '../../lib/model/image-list';
import { parseMirrorFile } from '../../lib/model/mirror-file';
import { parseRow } from '../../lib/model/mirror-row';
import { type JsonMap, listOf, mapOf } from '../../local/template/value';
import { hasNoResource } from '../iam/policies';
import { complaintsAbout, moduleOf } from './compiled';
import { documents, ROOT, read } from './documents';
import { commandsOf, problemOf } from './typed-commands';

/** A fenced block of a page. */
interface Block {
  readonly path: string;
  readonly line: number;
  readonly language: string;
  /** Of one that is a file. */
  readonly name?: string;
  readonly body: string;
}

/** Made by jsii from what compiles, and by a script from the log. */
const GENERATED = ['API.md', 'CHANGELOG.md'];
/** Blocks that are files are written, and used, by the tests that run their pages. */
const RUN: readonly (readonly [RegExp, string])[] = [
  [/^docs\/from\//, 'test/docs/from.test.ts'],
  [/^docs\/getting-started\.md$/, 'test/docs/getting-started.test.ts'],
];
/** What programs print, by the test that compares it. */
const COMPARED: Readonly<Record<string, string>> = {
  'docs/accounts.md': 'test/docs/accounts.test.ts',
  'docs/command-line.md': 'test/docs/outputs.test.ts',
  'docs/getting-started.md': 'test/docs/getting-started.test.ts',
  'docs/rows.md': 'test/docs/outputs.test.ts',
};
/** Pages of what was measured: their pictures in text are results. */
const MEASURED = ['docs/performance.md', 'docs/reliability.md'];

function blocksOf(path: string): readonly Block[] {
  const text = read(path);
  return [...text.matchAll(/^( *)```([^\n]*)\n([\s\S]*?)^ *```$/gm)].map(
    ({ 1: indent = '', 2: info = '', 3: body = '', index }) => {
      const [language = '', name] = info.trim().split(' ');
      const line = text.slice(0, index).split('\n').length;
      const flush = body.replace(new RegExp(`^${indent}`, 'gm'), '');
      return { path, line, language, body: flush, ...(name === undefined ? {} : { name }) };
    },
  );
}

const all = documents()
  .filter((path) => !GENERATED.includes(path))
  .flatMap(blocksOf);
const inLanguage = (...languages: readonly string[]) =>
  all
    .filter(({ language }) => languages.includes(language))
    .map((block) => [`${block.path}:${block.line}`, block] as const);

describe('whatever pages show in blocks', () => {
  it('is of a kind that is run, compiled, parsed or compared', () => {
    const known = ['console', 'sh', 'ts', 'yaml', 'json', 'text'];
    expect(all.filter(({ language }) => !known.includes(language)).map(({ path, line }) => `${path}:${line}`)).toEqual(
      [],
    );
    expect(all.length).toBeGreaterThan(80);
  });

  it.each(inLanguage('console'))('%s: can be typed as it is', (_where, { body }) => {
    expect(commandsOf(body).flatMap((line) => problemOf(line) ?? [])).toEqual([]);
  });

  it.each([
    '$ ecr-mirror sync -f mirrors.yaml --no-such-flag',
    '$ npx ecr-mirror fly',
    '$ helm template chart/ | ecr-mirror import --no-such-flag',
    '$ npm run no-such-script',
    '$ npm install no-such-package',
    '$ npx cdk fly',
    '$ node scripts/no-such-script.mjs',
    '$ docker pull UPPER/CASE',
    '$ frobnicate',
    '1 copied, 0 up to date, 0 skipped, 0 failed',
  ])('%s cannot be typed', (line) => expect(problemOf(line)).toEqual(expect.any(String)));

  it.each(inLanguage('sh'))('%s: can be run as it is', (_where, { body }) => {
    expect(commandsOf(body).flatMap((line) => problemOf(`$ ${line}`) ?? [])).toEqual([]);
  });

  it.each(inLanguage('yaml').filter(([, { name }]) => name === undefined))('%s: is read as it is', (_where, block) => {
    expect(yamlProblems(block)).toEqual([]);
  });

  it.each(inLanguage('json').filter(([, { name }]) => name === undefined))(
    '%s: is taken as it is',
    async (_where, block) => {
      expect(await jsonProblems(JSON.parse(block.body))).toEqual([]);
    },
  );

  it('is used by the test that runs its page, where it is a file', () => {
    const files = all.filter(({ name }) => name !== undefined);
    expect(files.length).toBeGreaterThan(8);
    const unused = files.filter(
      ({ path }) => !RUN.some(([pages, test]) => pages.test(path) && read(test).includes('namedBlocks')),
    );
    expect(unused.map(({ path, name }) => `${path}: ${name}`)).toEqual([]);
  });

  it('is compared by a test, where it is what a program prints', () => {
    const printed = all.filter(
      ({ language, name, path }) => language === 'text' && name === undefined && !MEASURED.includes(path),
    );
    const pages = [...new Set(printed.filter(({ body }) => !isQuery(body)).map(({ path }) => path))];
    const bare = pages.filter((path) => {
      const test = COMPARED[path] ?? 'no test';
      return !existsSync(join(ROOT, test)) || !read(test).includes(path) || !read(test).includes("'text'");
    });
    expect(bare).toEqual([]);
  });

  it.each(inLanguage('text').filter(([, { body }]) => isQuery(body)))(
    '%s: asks logs for what is in them',
    (_where, { body }) => {
      for (const [, code = ''] of body.matchAll(/code = "(\w+)"/g))
        expect(read('docs/errors.md')).toContain(`### ${code}\n`);
    },
  );

  const snippets = inLanguage('ts').map(([where, block]) => ({ where, block }));
  const examples = readdirSync(join(ROOT, 'examples')).map((name) => read(`examples/${name}/app.ts`));
  const own = snippets.filter(({ block }) => !examples.some((text) => text.includes(block.body)));
  it('compiles, or is part of an example that does', () => {
    const wrong = 'mirror.addImage({ origin: 1 });';
    const complaints = complaintsAbout([...own.map(({ block }) => block.body), wrong].map(moduleOf));
    expect(snippets.length).toBeGreaterThan(own.length);
    expect(own.map(({ where }, index) => [where, complaints[index]])).toEqual(own.map(({ where }) => [where, []]));
    expect(complaints.at(-1)).not.toEqual([]);
  }, 60_000);
});

/** Of CloudWatch Logs Insights. */
function isQuery(body: string): boolean {
  return body.startsWith('fields ');
}

/** Files of mirrors and lists of images by their parsers; anything else is a manifest of Kubernetes. */
function yamlProblems({ body }: Block): readonly unknown[] {
  if (/^mirrors:/m.test(body)) {
    const { rows, problems } = parseMirrorFile(parse(body, { version: '1.2' }));
    return [...problems, ...rows.flatMap((row) => row.problems)];
  }
  if (/^images:/m.test(body)) return readImageList(parse(body)).problems;
  return parseAllDocuments(body).flatMap((document) => {
    const { apiVersion, kind } = mapOf(document.toJS());
    return document.errors.length === 0 && apiVersion !== undefined && kind !== undefined
      ? []
      : ['nothing that is known'];
  });
}

/** Rows as the console has them, policies and events. */
async function jsonProblems(document: unknown): Promise<readonly unknown[]> {
  const { Source, Statement, source, 'detail-type': type } = mapOf(document as JsonMap);
  if (Source !== undefined)
    return parseRow(plain({ M: document }) as never, { mapping: { registry: 'registry.example.com' } }).problems;
  if (Statement !== undefined) {
    const actions = listOf(Statement).flatMap((one) => [mapOf(one).Action].flat());
    return (await Promise.all(actions.map((action) => known(String(action))))).flat();
  }
  return source === EVENT_SOURCE && Object.values<unknown>(DetailType).includes(type) ? [] : ['nothing that is known'];
}

/** A value as the console writes it. */
function plain(value: unknown): unknown {
  const [[type, held] = ['', undefined]] = Object.entries(value as Record<string, unknown>);
  if (type === 'M') return Object.fromEntries(Object.entries(held as object).map(([name, one]) => [name, plain(one)]));
  if (type === 'L') return (held as unknown[]).map(plain);
  return type === 'N' ? Number(held) : held;
}

async function known(action: string): Promise<readonly string[]> {
  return hasNoResource(action).then(
    () => [],
    () => [`nobody knows ${action}`],
  );
}
