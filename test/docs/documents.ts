import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The repository's own documents, read as their readers do. */
export const ROOT = join(__dirname, '..', '..');

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

const NOT_OURS = ['build', 'node_modules', 'dist', 'assets', 'coverage'];

/** Every Markdown file of the repository. */
export function documents(folder = ''): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return entry.name.endsWith('.md') ? [path] : [];
    const isOurs = entry.isDirectory() && !entry.name.startsWith('.') && !NOT_OURS.includes(entry.name);
    return isOurs && !entry.name.startsWith('cdk.out') ? documents(path) : [];
  });
}

/** The code blocks of a document in one language. */
export function blocks(text: string, language: string): readonly string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...text.matchAll(pattern)].map(([, body]) => body ?? '');
}

/** The code blocks of a document that are files: their language has a name behind it. */
export function namedBlocks(text: string): readonly { readonly name: string; readonly body: string }[] {
  const found = text.matchAll(/^```\w+ ([\w.-]+)\n([\s\S]*?)^```$/gm);
  return [...found].map(([, name = '', body = '']) => ({ name, body }));
}

/** What lies under a heading, up to the next of the same or a higher level. */
export function section(text: string, heading: string): string {
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`no heading ${heading}`);
  const level = /^#+/.exec(heading)?.[0].length ?? 1;
  const rest = text.slice(start + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}

/** The rows of all tables in a text, heads left out, each as its cells. */
export function tableRows(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const isHead = /^\|[-|: ]+\|$/.test(lines[at + 1] ?? '') || /^\|[-|: ]+\|$/.test(line);
    return !line.startsWith('|') || isHead
      ? []
      : [
          line
            .slice(1, -1)
            .split('|')
            .map((cell) => cell.trim()),
        ];
  });
}

/** Words in backquotes. */
export function quoted(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '');
}

/** What is typed after the prompts of a document's console blocks, as words; comments left out. */
export function typed(text: string): readonly (readonly string[])[] {
  const lines = blocks(text, 'console').flatMap((block) => block.split('\n'));
  return lines
    .filter((line) => line.startsWith('$ '))
    .map((line) => line.slice(2).split(/ #| [|>] /)[0] ?? '')
    .map((line) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, inQuotes, word]) => inQuotes ?? word ?? ''));
}
