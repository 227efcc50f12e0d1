import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { release } from '../../../scripts/release/release';

/** A repository of its own, with the files that a release changes. */
let folder: string;

function git(...arguments_: string[]): void {
  const settings = ['-c', 'user.name=T', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...settings, ...arguments_], { cwd: folder, stdio: 'pipe' });
}

function commit(message: string): void {
  git('commit', '--quiet', '--allow-empty', '-m', message);
}

/** What it says, and what it warns of. */
function run(...arguments_: string[]): { readonly said: string; readonly warned: readonly string[] } {
  const said: string[] = [];
  const warned: string[] = [];
  const place = {
    folder,
    today: '2026-12-01',
    tell: (line: string) => said.push(line),
    warn: (line: string) => warned.push(line),
  };
  release(arguments_, place);
  return { said: said.join('\n'), warned };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'release-'));
  const manifest = { name: 'n', version: '0.1.0', repository: { url: 'https://github.com/o/r.git' } };
  const locked = { name: 'n', version: '0.1.0', packages: { '': { version: '0.1.0' }, other: { version: '0.1.0' } } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(locked));
  writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n\n<!-- releases -->\n');
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  commit('Begin');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('npm run release', () => {
  it('makes the first release of what package.json says, and the next of commits, once', () => {
    expect(run().said).toBe('0.1.0\n\n## 0.1.0 (2026-12-01)\n\nThe first release.');
    run('--write');
    git('commit', '--quiet', '-am', 'chore(release): 0.1.0');
    git('tag', 'v0.1.0');
    expect(run('--write').said).toBe('release: nothing to release since 0.1.0');
    commit('feat: one\n\nBREAKING CHANGE: two');
    commit('Mend something');
    const { said, warned } = run('--write');
    expect(said).toMatch(/^release: 0\.2\.0 is in /);
    expect(warned).toEqual([
      expect.stringMatching(
        /^release: [0-9a-f]{7}: got "Mend something"; a subject with a type would be in the changelog$/,
      ),
    ]);
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version).toBe('0.2.0');
    expect(JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))).toMatchObject({
      version: '0.2.0',
      packages: { '': { version: '0.2.0' }, other: { version: '0.1.0' } },
    });
    expect(run('--notes', '0.2.0').said).toMatch(/^### What breaks\n\n- one: two /);
    expect(run('--tag', 'v0.2.0').said).toMatch(/^### What breaks/);
  });

  it('is what people have written where commits ask for less', () => {
    run('--write');
    git('commit', '--quiet', '-am', 'chore(release): 0.1.0');
    git('tag', 'v0.1.0');
    commit('fix: one');
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, version: '1.0.0' }));
    expect(run('--write').said).toMatch(/^release: 1\.0\.0 is in /);
    expect(run('--notes', '1.0.0').said).toMatch(/^### Fixes\n\n- one /);
    for (const file of ['package.json', 'package-lock.json']) {
      expect(JSON.parse(readFileSync(join(folder, file), 'utf8')).version).toBe('1.0.0');
    }
  });

  it.each([['--tag', 'v9.9.9'], ['--notes', '9.9.9'], ['--title', 'Mend it'], ['--publish'], ['constructor']])(
    'says in one line what is wrong with %s %s',
    (...arguments_) => {
      expect(() => run(...arguments_.filter((one) => typeof one === 'string'))).toThrow(/^.*; .* would do.*$/);
    },
  );

  it('is of no tag that is none of a release, or lies on another branch', () => {
    git('tag', 'v0.3.0-beta.1');
    git('tag', 'vision');
    git('checkout', '--quiet', '-b', 'other');
    commit('feat: elsewhere');
    git('tag', 'v0.9.0');
    git('checkout', '--quiet', 'main');
    expect(run().said).toMatch(/^0\.1\.0\n/);
  });
});
