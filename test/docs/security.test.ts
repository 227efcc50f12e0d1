import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, read, section, tableRows } from './documents';
import { namesIn, testsIn } from './shown-tests';

const page = read('SECURITY.md');
const controls = tableRows(section(page, '## What stops what'));
const shown = controls.flatMap(([, , cell = '']) => testsIn(cell));

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
