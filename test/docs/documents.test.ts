import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as typescript from 'typescript';
import { parse } from 'yaml';
import { parseMirrorFile } from '../../lib/model/mirror-file';
import { blocks, documents, ROOT, read } from './documents';

describe('documents', () => {
  it.each(documents())('%s: its links lead somewhere', (path) => {
    const text = read(path).replace(/^```[\s\S]*?^```$/gm, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');
    const missing = links.filter((target) => !leadsSomewhere(target, path));
    expect(missing).toEqual([]);
  });

  const files = documents().flatMap((path) =>
    blocks(read(path), 'yaml').flatMap((text, index) =>
      /^mirrors:/m.test(text) ? [[path, index, text] as const] : [],
    ),
  );

  it.each(files)('%s: its file of mirrors %i can be used as it is', (_path, _index, text) => {
    const { rows, problems } = parseMirrorFile(parse(text, { version: '1.2' }));
    expect([...problems, ...rows.flatMap((row) => row.problems)]).toEqual([]);
  });

  it('show a file of mirrors', () => expect(files.length).toBeGreaterThan(1));
});

it.each(['README.md', 'docs/webhooks.md'])('the TypeScript of %s compiles', (path) => {
  const [snippet = ''] = blocks(read(path), 'ts');
  const imports = snippet.split('\n').filter((line) => line.startsWith('import '));
  const body = snippet.split('\n').filter((line) => !line.startsWith('import '));
  const program = [
    "import * as cdk from 'aws-cdk-lib';",
    "import * as iam from 'aws-cdk-lib/aws-iam';",
    ...imports,
    'export class Example extends cdk.Stack {',
    '  constructor(app: cdk.App) {',
    "    super(app, 'Example');",
    ...body,
    '  }',
    '}',
  ].join('\n');
  expect(body.join('').length).toBeGreaterThan(100);
  expect(complaints(program)).toEqual([]);
});

/** Anchors of a page on GitHub: its headings in lower case, without punctuation, with dashes for spaces. */
function anchorsOf(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading ?? '');
  const named = [...text.matchAll(/<a name="([^"]+)"/g)].map(([, name]) => name ?? '');
  const dashed = headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return [...dashed, ...named];
}

function leadsSomewhere(target: string, from: string): boolean {
  if (/^(https?|mailto):/.test(target)) return true;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? from : join(dirname(from), path);
  if (!existsSync(join(ROOT, file))) return false;
  if (anchor === undefined || !file.endsWith('.md')) return true;
  return anchorsOf(read(file)).includes(decodeURIComponent(anchor)) || anchorsOf(read(file)).includes(anchor);
}

/** What the compiler says of a module in which the package has its own name. */
function complaints(text: string): string[] {
  const name = join(ROOT, 'example.ts');
  const options: typescript.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    esModuleInterop: true,
    resolveJsonModule: true,
    target: typescript.ScriptTarget.ES2022,
    module: typescript.ModuleKind.ESNext,
    moduleResolution: typescript.ModuleResolutionKind.Bundler,
    types: ['node'],
    paths: { 'cdk-ecr-mirror': [join(ROOT, 'lib/index.ts')] },
  };
  const host = typescript.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (file, version) =>
    file === name ? typescript.createSourceFile(name, text, version) : getSourceFile.call(host, file, version);
  host.fileExists = (file) => file === name || fileExists.call(host, file);
  host.readFile = (file) => (file === name ? text : readFile.call(host, file));
  const program = typescript.createProgram([name], options, host);
  const source = program.getSourceFile(name);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
    ({ messageText }) => typescript.flattenDiagnosticMessageText(messageText, ' '),
  );
}
