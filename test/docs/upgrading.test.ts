import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseCommandLine } from '../../bin/arguments';
import { quoted, ROOT, read, section, tableRows } from './documents';
import { missingOf, testsIn } from './shown-tests';

const page = read('docs/upgrading.md');
const promises = tableRows(section(page, '## What is promised'));

describe('the page on upgrading', () => {
  it('names tests that there are', () => {
    const named = promises.flatMap(([, , , held = '']) => testsIn(held));
    expect(named.length).toBeGreaterThan(8);
    expect(missingOf(named.map(({ file, name }) => ({ file: file.replace(/^\.\.\//, ''), name })))).toEqual([]);
  });

  it('shows what holds each promise', () => {
    expect(promises.length).toBeGreaterThan(7);
    const bare = promises.filter(([, , , held = '']) => testsIn(held).length === 0 && !held.includes('npm run compat'));
    expect(bare.map(([what]) => what)).toEqual([]);
  });

  it('tells people to type what there is', () => {
    const typed = quoted(page).filter((text) => text.startsWith('ecr-mirror ') && text.includes('--'));
    expect(typed.length).toBeGreaterThan(0);
    for (const text of typed) expect(parseCommandLine(text.split(' ').slice(1)).kind).toBe('run');
  });

  it('is about versions whose formats are kept', () => {
    const folders = readdirSync(join(ROOT, 'test/upgrading'), { withFileTypes: true }).filter((one) =>
      one.isDirectory(),
    );
    const released = [...read('CHANGELOG.md').matchAll(/^## \[?(\d+\.\d+\.\d+)/gm)].map(([, version]) => version);
    const { version } = JSON.parse(read('package.json'));
    const kept = folders.map(({ name }) => name);
    // The first of a line: what one of its later versions has changed of a format gets a folder of its own.
    const lines = [...released, version].map((one) => `${one?.split('.').slice(0, 2).join('.')}.0`);
    expect(lines.filter((line) => !kept.includes(line))).toEqual([]);
  });
});
