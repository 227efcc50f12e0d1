import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseCommandLine } from '../../bin/arguments';
import { parseReference } from '../../lib/model/reference';
import { ROOT, read } from './documents';

const {
  name: PACKAGE,
  scripts,
  devDependencies,
} = JSON.parse(read('package.json')) as {
  name: string;
  scripts: Record<string, string>;
  devDependencies: Record<string, string>;
};
/** Programs of others, of which it is only known that they are meant. */
const OTHERS = [
  'aws',
  'crane',
  'ctr',
  'curl',
  'docker',
  'gh',
  'git',
  'helm',
  'jq',
  'kubectl',
  'kustomize',
  'oc',
  'podman',
  'skopeo',
];
const CDK = ['bootstrap', 'deploy', 'destroy', 'diff', 'list', 'ls', 'synth'];

/** Lines of a console block, those that end with a backslash put together. */
export function commandsOf(body: string): readonly string[] {
  const lines = body.replace(/\\\n\s*/g, '').split('\n');
  return lines.filter((line) => line !== '');
}

/** What is wrong with a line that a page tells people to type; undefined when nothing is. */
export function problemOf(line: string): string | undefined {
  if (/^#/.test(line)) return undefined;
  if (!line.startsWith('$ ')) return 'no prompt: what is printed belongs into a block of text, which a test compares';
  const plain = line
    .slice(2)
    .replace(/ +# .*$/, '')
    .replace(/ >>? \S+$/, '')
    .replace(/^source <\((.*)\)$/, '$1');
  const steps = plain.split(/ (?:\||&&) /);
  for (const step of steps) {
    const words = [...step.trim().matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
      ([, one, two, word]) => one ?? two ?? word ?? '',
    );
    const problem = problemOfStep(words);
    if (problem !== undefined) return `${step}: ${problem}`;
  }
  return undefined;
}

function problemOfStep([program = '', ...words]: readonly string[]): string | undefined {
  const [first = '', ...rest] = words;
  if (/^[A-Z_]+=/.test(program)) return problemOfStep(words);
  if (program === 'ecr-mirror') return problemOfOurs(words);
  if (program === 'npx') return problemOfNpx(first, rest);
  if (program === 'npm') return problemOfNpm(first, rest);
  if (['node', 'bash'].includes(program)) {
    const script = words.find((word) => !word.startsWith('-') && word !== 'tsx') ?? '';
    return existsSync(join(ROOT, script)) ? undefined : `there is no ${script}`;
  }
  if (program === 'docker' && first === 'pull') return problemIn(() => parseReference(rest[0] ?? ''));
  if (program.startsWith('.ci/') || program.startsWith('./'))
    return existsSync(join(ROOT, program)) ? undefined : 'no such file';
  return [...OTHERS, 'cd', 'mkdir', 'tee', 'base64'].includes(program) ? undefined : `nobody knows ${program}`;
}

function problemOfNpx(program: string, words: readonly string[]): string | undefined {
  if (program === 'ecr-mirror') return problemOfOurs(words);
  if (program === 'cdk') return CDK.includes(words[0] ?? '') ? undefined : `cdk has no ${words[0]}`;
  return program in devDependencies || ['biome', 'tsc'].includes(program) ? undefined : `nobody knows ${program}`;
}

function problemOfNpm(verb: string, words: readonly string[]): string | undefined {
  if (verb === 'run' || verb === 'test') {
    const [script = 'test', ...others] = words.filter((word) => word !== '--silent' && word !== '--');
    if (script === 'ecr-mirror' && others.length > 0 && others[0] !== '…') return problemOfOurs(others);
    return script in scripts || verb === 'test' ? undefined : `package.json has no script ${script}`;
  }
  if (verb === 'install' || verb === 'i') {
    const packages = words.filter((word) => !word.startsWith('-')).map((word) => word.replace(/(.)@[^/]*$/, '$1'));
    const unknown = packages.filter((name) => name !== PACKAGE && !(name in devDependencies));
    return unknown.length === 0 ? undefined : `nobody knows ${unknown}`;
  }
  return ['ci', 'init', 'pack', 'audit'].includes(verb) ? undefined : `npm has no ${verb}`;
}

function problemOfOurs(words: readonly string[]): string | undefined {
  return problemIn(() => parseCommandLine(words));
}

function problemIn(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
