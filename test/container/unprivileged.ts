import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Nobody, in every system that has one. */
const NOBODY = 65_534;
const AS_ROOT = process.getuid?.() === 0;

export interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** A container's file system, as far as folders of this machine are one: nothing in it may be written. */
export interface ReadOnlyPlace {
  /** The worker's own, which is the working directory. */
  readonly folder: string;
  /** Names, modes, sizes, times and digests of all that is in it. */
  tree(): readonly string[];
  /** Runs Node there, with these arguments and no more environment than this. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  remove(): void;
}

/**
 * Whoever runs in it is nobody, where who runs the tests is root; else it is who runs them, and the bits of the files say that
 * not even he may write.
 */
export function openReadOnlyPlace(): ReadOnlyPlace {
  const root = mkdtempSync(join(tmpdir(), 'read-only-'));
  const [folder, temporary] = [join(root, 'worker'), join(root, 'tmp')];
  for (const made of [folder, temporary]) mkdirSync(made);
  copyFileSync('assets/worker/worker.js', join(folder, 'worker.js'));
  chmodSync(join(folder, 'worker.js'), 0o444);
  for (const made of [folder, temporary, root]) chmodSync(made, 0o555);
  return {
    folder,
    tree: () => treeOf(root),
    run: (args, environment = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, args, {
          cwd: folder,
          env: { ...environment, TMPDIR: temporary },
          stdio: ['ignore', 'pipe', 'pipe'],
          ...(AS_ROOT ? { uid: NOBODY, gid: NOBODY } : {}),
        });
        const said: Buffer[] = [];
        for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => said.push(chunk));
        child.once('error', reject);
        child.once('close', (code) => resolve({ code, said: Buffer.concat(said).toString() }));
      }),
    remove: () => {
      for (const made of [root, folder, temporary]) chmodSync(made, 0o755);
      rmSync(root, { recursive: true });
    },
  };
}

function treeOf(root: string): string[] {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  return ['.', ...paths].map((path) => {
    const found = lstatSync(join(root, path));
    const content = found.isFile()
      ? createHash('sha256')
          .update(readFileSync(join(root, path)))
          .digest('hex')
      : '';
    return `${path} ${found.mode.toString(8)} ${found.size} ${found.mtimeMs} ${content}`;
  });
}
