import { join } from 'node:path';
import * as typescript from 'typescript';
import { ROOT, read } from './documents';

const OPTIONS: typescript.CompilerOptions = {
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

/** What a snippet may have from the app that it stands in. */
const GIVEN: Readonly<Record<string, string>> = {
  mirror: 'EcrMirror',
  cluster: "import('aws-cdk-lib/aws-eks').ICluster",
  otherRepository: "import('aws-cdk-lib/aws-ecr').IRepository",
  topic: "import('aws-cdk-lib/aws-sns').ITopic",
  vpc: "import('aws-cdk-lib/aws-ec2').IVpc",
};

/**
 * A module that a snippet of a page is good as: one that makes an app is a module already, any other stands in the constructor of
 * a stack. Names of the package that it does not import are imported, as an editor would.
 */
export function moduleOf(snippet: string): string {
  const lines = snippet.split('\n');
  const imports = lines.filter((line) => line.startsWith('import '));
  if (/\bnew App\(/.test(snippet)) return snippet;
  const body = lines.filter((line) => !line.startsWith('import ')).join('\n');
  const exported = [...read('lib/index.ts').matchAll(/\b([A-Z]\w+)\b/g)].map(([, name = '']) => name);
  const missing = exported.filter((name) => new RegExp(`\\b${name}\\b`).test(body) && !imports.join().includes(name));
  const names = [...new Set([...missing, ...(imports.join().includes('EcrMirror') ? [] : ['EcrMirror'])])];
  const given = Object.entries(GIVEN).flatMap(([name, type]) =>
    new RegExp(`\\b${name}\\b`).test(body) && !new RegExp(`\\bconst ${name}\\b`).test(body)
      ? [`declare const ${name}: ${type};`]
      : [],
  );
  return [
    "import * as cdk from 'aws-cdk-lib';",
    "import * as iam from 'aws-cdk-lib/aws-iam';",
    ...(names.length === 0 ? [] : [`import { ${names.join(', ')} } from 'cdk-ecr-mirror';`]),
    ...imports,
    ...given,
    'export class Example extends cdk.Stack {',
    '  constructor(app: cdk.App) {',
    "    super(app, 'Example');",
    body,
    '  }',
    '}',
  ].join('\n');
}

/** What the compiler says of modules in which the package has its own name, one after the other. */
export function complaintsAbout(modules: readonly string[]): readonly (readonly string[])[] {
  const files = new Map(modules.map((text, index) => [join(ROOT, `snippet-${index}.ts`), text] as const));
  const host = typescript.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (file, version) => {
    const text = files.get(file);
    return text === undefined
      ? getSourceFile.call(host, file, version)
      : typescript.createSourceFile(file, text, version);
  };
  host.fileExists = (file) => files.has(file) || fileExists.call(host, file);
  host.readFile = (file) => files.get(file) ?? readFile.call(host, file);
  const program = typescript.createProgram([...files.keys()], OPTIONS, host);
  return [...files.keys()].map((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => typescript.flattenDiagnosticMessageText(messageText, ' '),
    );
  });
}
