import { join } from 'node:path';
import * as typescript from 'typescript';
import { parse } from 'yaml';
import { parseMirrorFile } from '../../lib/model/mirror-file';
import { blocks, documents, ROOT, read } from './documents';

describe('documents', () => {
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
