import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as typescript from 'typescript';
import { ROOT, read, section, tableRows } from './documents';

/** A test that the page names, and the file that it says it is in. */
interface Shown {
  readonly file: string;
  readonly name: string;
}

const page = read('SECURITY.md');
const controls = tableRows(section(page, '## What stops what'));
const shown = controls.flatMap(([, , cell = '']) => testsIn(cell));

/** `[what](path) *name*, *name*; [what](path) *name*` */
function testsIn(cell: string): Shown[] {
  return cell.split(/; (?=\[)/).flatMap((part) => {
    const file = /^\[[^\]]+\]\(([^)]+)\)/.exec(part)?.[1] ?? '';
    return [...part.matchAll(/\*([^*]+)\*/g)].map(([, name = '']) => ({ file, name }));
  });
}

/** Names of all suites and tests of a file; what a table fills in is `…`. */
function namesIn(file: string): Set<string> {
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

describe('the page on security', () => {
  it('shows every control by a test', () => {
    expect(controls.length).toBeGreaterThan(20);
    for (const [attack, , cell = ''] of controls) expect([attack, testsIn(cell).length > 0]).toEqual([attack, true]);
  });

  it.each([...new Set(shown.map(({ file }) => file))])('%s: has the tests that it is said to have', (file) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    const there = namesIn(file);
    expect(shown.filter((one) => one.file === file && !there.has(one.name)).map(({ name }) => name)).toEqual([]);
  });

  it('leaves out none of the files that are about security alone', () => {
    const files = readdirSync(join(ROOT, 'test/security')).filter((name) => name.endsWith('.test.ts'));
    expect(files.filter((name) => !shown.some(({ file }) => file === `test/security/${name}`))).toEqual([]);
  });

  it('knows a test that is not there, or is skipped', () => {
    const there = namesIn('test/docs/security.test.ts');
    expect(there.has('the page on security')).toBe(true);
    expect(there.has('…: has the tests that it is said to have')).toBe(true);
    expect(there.has('sends no internal image anywhere else')).toBe(false);
  });
});
