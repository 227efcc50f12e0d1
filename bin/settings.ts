import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEFAULT_RETRY, type RetrySettings } from '../engine/registry/options';
import { show } from '../lib/model/invalid';
import { parseRegistry } from '../lib/model/reference';
import type { TrustedRootText } from '../signatures/verifier';
import type { FlagValues } from './arguments';
import { parseCount, parseDuration } from './duration';
import type { FlagName } from './flags';
import type { Io } from './io';
import { trustedRootOf } from './signatures';
import { UsageError } from './usage';

/** What the common flags say. */
export interface Settings {
  /** Registries in plain http; `all`: every one that the command names. */
  readonly plainHttp: 'all' | readonly string[];
  readonly privateHosts: readonly string[];
  /** PEM. */
  readonly ca?: string;
  readonly profile?: string;
  readonly retry: RetrySettings;
  /** Milliseconds. */
  readonly idleTimeout?: number;
  /** Images at once. */
  readonly concurrency?: number;
  /** @default - sigstore's public good instance */
  readonly trustedRoot?: TrustedRootText;
  /** Whether repositories are created that Amazon ECR lacks. */
  readonly createRepositories: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** @throws UsageError naming the flag. */
export function readSettings(flags: FlagValues, io: Io): Settings {
  const text = (name: FlagName) => (typeof flags[name] === 'string' ? flags[name] : undefined);
  const plainHttp = text('plain-http');
  const ca = text('ca');
  const profile = text('profile');
  const timeout = text('timeout');
  const concurrency = text('concurrency');
  const trustedRoot = trustedRootOf(flags, io);
  return {
    plainHttp: flags['plain-http'] === true ? 'all' : hosts('--plain-http', plainHttp),
    privateHosts: hosts('--private-hosts', text('private-hosts')),
    ...(ca === undefined ? {} : { ca: readAuthorities(resolve(io.cwd, ca)) }),
    ...(profile === undefined ? {} : { profile }),
    retry: readRetry(flags),
    ...(timeout === undefined ? {} : { idleTimeout: Math.max(1, parseDuration('--timeout', timeout)) }),
    ...(concurrency === undefined ? {} : { concurrency: parseCount('--concurrency', concurrency, 1, 64) }),
    ...(trustedRoot === undefined ? {} : { trustedRoot }),
    createRepositories: flags['create-repositories'] === true,
    json: flags.json === true,
    quiet: flags.quiet === true,
  };
}

function readRetry(flags: FlagValues): RetrySettings {
  const { attempts, 'retry-delay': delay, 'max-retry-delay': most } = flags;
  return {
    attempts: typeof attempts === 'string' ? parseCount('--attempts', attempts, 1, 100) : DEFAULT_RETRY.attempts,
    baseDelay: typeof delay === 'string' ? parseDuration('--retry-delay', delay) : DEFAULT_RETRY.baseDelay,
    maxDelay: typeof most === 'string' ? parseDuration('--max-retry-delay', most) : DEFAULT_RETRY.maxDelay,
  };
}

function hosts(flagName: string, text: string | undefined): readonly string[] {
  const written = (text ?? '').split(',').filter((host) => host.trim() !== '');
  return written.map((host) => {
    try {
      return parseRegistry(host.trim());
    } catch {
      // Told below, by the flag's name.
    }
    throw new UsageError(`${flagName}: got ${show(host)}; a host, with a port if need be, would do: localhost:5000`);
  });
}

function readAuthorities(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `--ca: read ${show(file)}: got ${(error as NodeJS.ErrnoException).code}; a PEM file would do`,
      'FILE_FAILED',
    );
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new UsageError(`--ca: got ${show(file)}, which holds no certificate; a PEM file would do`, 'FILE_FAILED');
}
