import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as typescript from 'typescript';
import { ROOT, read } from './documents';

/** A test that the page names, and the file that it says it is in. */
export interface Shown {
  readonly file: string;
  readonly name: string;
}

/** `[what](path) *name*, *name*; [what](path) *name*` */
export function testsIn(cell: string): Shown[] {
  return cell.split(/; (?=\[)/).flatMap((part) => {
    const file = /^\[[^\]]+\]\(([^)]+)\)/.exec(part)?.[1] ?? '';
    return [...part.matchAll(/\*([^*]+)\*/g)].map(([, name = '']) => ({ file, name }));
  });
}

/** Names of all suites and tests of a file; what a table fills in is `…`. */
export function namesIn(file: string): Set<string> {
  const names = new Set<string>();
  const visit = (node: typescript.Node) => {
    if (typescript.isCallExpression(node) && isTest(node.expression)) {
      const [name] = node.arguments;
      if (name !== undefined && typescript.isStringLiteralLike(name)) names.add(name.text.replace(/%[sdj]/g, '…'));
    }
    typescript.forEachChild(node, visit);
  };
  visit(typescript.createSourceFile(file, read(file), typescript.ScriptTarget.Latest));
  return names;
}

/** `it`, `it.each(…)`, `describe` and alike, but nothing that is skipped. */
function isTest(callee: typescript.Expression): boolean {
  if (typescript.isIdentifier(callee)) return callee.text === 'it' || callee.text === 'describe';
  if (typescript.isCallExpression(callee)) return isTest(callee.expression);
  return typescript.isPropertyAccessExpression(callee) && callee.name.text === 'each' && isTest(callee.expression);
}

/** Those of these tests that are nowhere. */
export function missingOf(shown: readonly Shown[]): readonly Shown[] {
  const there = new Map<string, ReadonlySet<string>>();
  return shown.filter(({ file, name }) => {
    if (!existsSync(join(ROOT, file))) return true;
    const names = there.get(file) ?? namesIn(file);
    there.set(file, names);
    return !names.has(name);
  });
}
