import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '../../local/certificates';
import { listening } from '../../local/process/listening';
import { which } from '../../local/process/which';
import { tracked } from '../cleanup';

export type RegistryKind = 'docker-registry' | 'zot';

/** A real registry's own process, on 127.0.0.1, anonymous. */
export interface Registry {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** Ends the process; its content stays. */
  close(): Promise<void>;
}

export interface RegistryOptions {
  readonly kind: RegistryKind;
  /** Where its settings are written. */
  readonly folder: string;
  /** Where its content is, or comes to be. */
  readonly content: string;
  /** It speaks TLS with this certificate. @default - plain http */
  readonly identity?: Identity;
}

interface Files {
  readonly content: string;
  readonly tls?: { readonly cert: string; readonly key: string };
}

interface Kind {
  readonly settings: (files: Files) => unknown;
  /** Finds the port in what it says when it listens. */
  readonly port: RegExp;
}

const KINDS: Readonly<Record<RegistryKind, Kind>> = {
  'docker-registry': {
    settings: ({ content, tls }) => ({
      version: '0.1',
      log: { level: 'info', accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: content },
        maintenance: { uploadpurging: { enabled: false } },
      },
      http: {
        addr: '127.0.0.1:0',
        secret: 'benchmark',
        ...(tls === undefined ? {} : { tls: { certificate: tls.cert, key: tls.key } }),
      },
    }),
    port: /listening on 127\.0\.0\.1:(\d+)/,
  },
  zot: {
    settings: ({ content, tls }) => ({
      distSpecVersion: '1.1.0',
      storage: { rootDirectory: content, gc: false, dedupe: false },
      http: { address: '127.0.0.1', port: '0', compat: ['docker2s2'], ...(tls === undefined ? {} : { tls }) },
      log: { level: 'info' },
    }),
    port: /"port":"?(\d+)"?.*kernel chosen port|kernel chosen port.*"port":"?(\d+)/,
  },
};

/** @throws Error when the program is not there, or ends before it listens */
export async function startRegistry({ kind, folder, content, identity }: RegistryOptions): Promise<Registry> {
  const program = which(kind);
  if (program === undefined) {
    throw new Error(`${kind}: got no such program; \`apt-get install docker-registry\`, or zot by Go, would do`);
  }
  const settings = join(folder, 'config.json');
  writeFileSync(settings, JSON.stringify(KINDS[kind].settings(filesIn({ folder, content, identity }))));
  const child = tracked(
    spawn(program, ['serve', settings], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { HOME: folder, OTEL_TRACES_EXPORTER: 'none' },
      detached: true,
    }),
  );
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const close = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  try {
    return { host: `127.0.0.1:${await listening(child, kind, KINDS[kind].port)}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function filesIn({ folder, content, identity }: Omit<RegistryOptions, 'kind'>): Files {
  if (identity === undefined) return { content };
  const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(tls.cert, identity.cert);
  writeFileSync(tls.key, identity.key, { mode: 0o600 });
  return { content, tls };
}
