import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completion } from '../../../bin/commands/completion';
import type { Shell } from '../../../bin/completion/spec';

/**
 * What the real shell offers at the end of each line, in the order of the alphabet. It runs in a folder with `mirrors.yaml` and
 * `images.tar`.
 */
export function askShell(shell: Shell, lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'completion-'));
  try {
    for (const name of ['mirrors.yaml', 'images.tar']) writeFileSync(join(folder, name), '');
    const script = join(folder, `.ecr-mirror.${shell}`);
    writeFileSync(script, scriptFor(shell));
    const offers = ASK[shell](lines, script, folder);
    return new Map(lines.map((line, at) => [line, [...new Set(offers[at])].sort()]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function scriptFor(shell: Shell): string {
  let text = '';
  const stdout = {
    write: (more: string) => {
      text += more;
    },
  };
  completion([shell], {}, { stdout, stderr: stdout, env: {}, cwd: '/' });
  return text;
}

function run(program: string, words: readonly string[], cwd: string): readonly string[] {
  const env = { PATH: process.env.PATH ?? '', HOME: cwd, TERM: 'xterm', LC_ALL: 'C.UTF-8' };
  return linesOf(execFileSync(program, [...words], { cwd, env, encoding: 'utf8', timeout: 60_000 }));
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

type Ask = (lines: readonly string[], script: string, folder: string) => readonly (readonly string[])[];

const ASK: Readonly<Record<Shell, Ask>> = {
  bash: (lines, script, folder) =>
    lines.map((line) =>
      run('bash', ['--noprofile', '--norc', join(__dirname, 'ask.bash'), script, ...parted(line)], folder),
    ),
  zsh(lines, script, folder) {
    const file = join(folder, '.offers');
    run('zsh', ['-f', join(__dirname, 'ask.zsh'), script, file, ...lines], folder);
    const parts = readFileSync(file, 'utf8').split(/^DONE\n/m);
    if (parts.length !== lines.length + 1) throw new Error(`zsh answered ${parts.length - 1} of ${lines.length} times`);
    return parts.map(linesOf);
  },
  fish: (lines, script, folder) =>
    lines.map((line) =>
      run('fish', ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script, line], folder).map(
        (offer) => offer.split('\t')[0] ?? '',
      ),
    ),
};

/** As readline parts a line (COMP_WORDBREAKS), as far as ours have any of that. */
function parted(line: string): readonly string[] {
  return line.split(' ').flatMap((word) => (word === '' ? [''] : word.split(/([:=])/).filter((part) => part !== '')));
}
