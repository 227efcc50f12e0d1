import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, Task } from '../../../bench/tool';
import type { Ended } from '../copier';
import { SOURCE, TAG, type World } from '../world';
import type { Program } from './programs';

/** Milliseconds that a program may take in all; then it is ended. */
export const CUT_OFF = 30_000;
/** Characters of output that are read; one that says more is ended. */
const MOST_SAID = 4 * 2 ** 20;
/** Bytes of memory that a program may ask for, so that an answer without end is not the end of the machine. */
const MEMORY = 2 * 2 ** 30;

/** How a program ended; `late` when it had to be ended. */
export interface PeerEnded extends Ended {
  readonly late: boolean;
}

/** Copies the image of a world by a program, in an empty home with its two credentials. */
export async function copyBy({ tool, referrers, adapt }: Program, world: World): Promise<PeerEnded> {
  const folder = mkdtempSync(join(tmpdir(), `fault-${tool.name}-`));
  try {
    const settings = writeCredentials(folder, world);
    const commands = (await tool.commands(taskOf(world, referrers), folder)) ?? [];
    const said: string[] = [];
    for (const command of commands) {
      const { code, late, output } = await run(adapt(command, world), folder, settings);
      said.push(...output.split('\n').filter((line) => line.trim() !== ''));
      if (late || code !== 0) return { errors: [said.slice(-20).join('\n')], said, late };
    }
    return { errors: [], said, late: false };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function taskOf({ hosts, copies }: World, referrers: boolean): Task {
  const source = { registry: hosts.source.host, repository: SOURCE, tag: TAG };
  const destinations = copies.map((repository) => ({ registry: hosts.destination.host, repository, tag: TAG }));
  return { kind: 'copy', wanted: [{ source, destinations }], referrers };
}

/** Docker's settings, which all of them read. @returns where they are */
function writeCredentials(folder: string, { hosts, logins }: World): string {
  const auth = (side: 'source' | 'destination') => {
    const { username, password } = logins[side];
    return [hosts[side].host, { auth: Buffer.from(`${username}:${password}`).toString('base64') }];
  };
  const file = join(folder, 'config.json');
  const auths = Object.fromEntries([auth('source'), auth('destination')]);
  mkdirSync(join(folder, 'tmp'));
  writeFileSync(file, JSON.stringify({ auths }), { mode: 0o600 });
  return file;
}

interface Run {
  readonly code: number;
  readonly late: boolean;
  readonly output: string;
}

function run({ file, args, environment }: Command, folder: string, settings: string): Promise<Run> {
  const env = {
    PATH: process.env.PATH,
    ...environment,
    // skopeo's name for it.
    REGISTRY_AUTH_FILE: settings,
    GOMEMLIMIT: '1GiB',
    TMPDIR: join(folder, 'tmp'),
  };
  // A shell bounds the memory; Node reserves more than it uses, and bounds its own heap.
  const bound = file === process.execPath ? [] : ['sh', '-c', `ulimit -v ${MEMORY / 1024}; exec "$@"`, 'sh'];
  const [program = file, ...rest] = [...bound, file, ...args];
  return new Promise((resolve) => {
    const options = { env, cwd: folder, timeout: CUT_OFF, killSignal: 'SIGKILL', maxBuffer: MOST_SAID } as const;
    execFile(program, rest, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, late: error?.killed === true, output: `${stdout}\n${stderr}` });
    });
  });
}
