import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listening } from '../../local/process/listening';
import { which } from './needs';

/** A real registry's own process, on loopback, in plain http, anonymous, with its content in a temporary folder. */
export interface RealRegistry {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly url: string;
  /** The folder that holds its blobs. */
  readonly content: string;
  /** Ends the process and removes its content. */
  close(): Promise<void>;
}

export interface DockerRegistrySettings {
  /** Section `auth`. @default - anonymous */
  readonly auth?: object;
  /** Files of a certificate and its key. @default - plain http */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** Debian's docker-registry (package `docker-registry`): no referrers API. */
export function startDockerRegistry({ auth, tls }: DockerRegistrySettings = {}): Promise<RealRegistry> {
  return startRegistry({
    program: 'docker-registry',
    args: ({ file }) => ['serve', file],
    settings: (storage) => ({
      version: '0.1',
      log: { level: 'info', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
      http: { addr: '127.0.0.1:0', ...(tls === undefined ? {} : { tls }) },
      ...(auth === undefined ? {} : { auth }),
      // without it, images with foreign layers are refused
      validation: { manifests: { urls: { allow: ['^https://'] } } },
    }),
    port: /listening on 127\.0\.0\.1:(\d+)/,
  });
}

/** zot: has the referrers API. */
export function startZot(): Promise<RealRegistry> {
  return startRegistry({
    program: 'zot',
    args: ({ file }) => ['serve', file],
    settings: (storage) => ({
      distSpecVersion: '1.1.0',
      storage: { rootDirectory: storage, gc: false, dedupe: false },
      http: { address: '127.0.0.1', port: '0', compat: ['docker2s2'] },
      log: { level: 'info' },
    }),
    port: /"port":"?(\d+)"?.*kernel chosen port|kernel chosen port.*"port":"?(\d+)/,
  });
}

/** go-containerregistry's registry (`test/real/ggcr-registry`): has the referrers API; its manifests are in memory. */
export function startGgcrRegistry(): Promise<RealRegistry> {
  return startRegistry({
    program: 'ggcr-registry',
    args: ({ content }) => [content],
    port: /listening on 127\.0\.0\.1:(\d+)/,
  });
}

interface Kind {
  readonly program: string;
  /** @param place the file of its settings, and the folder that its content goes to */
  readonly args: (place: { readonly file: string; readonly content: string }) => string[];
  /** Written as JSON, which YAML readers take too. @default none */
  readonly settings?: (content: string) => unknown;
  /** Finds the port in what it says when it listens. */
  readonly port: RegExp;
}

async function startRegistry(kind: Kind): Promise<RealRegistry> {
  const program = which(kind.program);
  if (program === undefined) throw new Error(`${kind.program} is not installed`);
  const folder = mkdtempSync(join(tmpdir(), `${kind.program}-`));
  const place = { file: join(folder, 'config.json'), content: join(folder, 'content') };
  if (kind.settings !== undefined) writeFileSync(place.file, JSON.stringify(kind.settings(place.content)));
  const child = spawn(program, kind.args(place), { stdio: ['ignore', 'pipe', 'pipe'], env: { HOME: folder } });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = async () => {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const host = `127.0.0.1:${await listening(child, kind.program, kind.port)}`;
    return { host, url: `http://${host}`, content: place.content, close: end };
  } catch (error) {
    await end();
    throw error;
  }
}
