import type { Agent } from 'node:http';
import type { Repository } from '../../lib/model/reference';
import type { Store } from '../content';
import type { Side } from '../errors';
import type { Clock, Credentials, Limiter, Observer } from '../ports';

/** How registries are reached. All of it is trusted: it comes from the construct, a flag or the environment, never from a row. */
export interface RegistryOptions {
  readonly credentials: Credentials;
  /**
   * Registry (canonical, `docker.io`) to base URL (`http://127.0.0.1:5000`). The host and port named may be private and
   * plain http. @default - every registry at its own name, by https
   */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** Registries (`host:port`) spoken to in plain http. Naming one here also allows it to be private. @default - none */
  readonly plainHttp?: readonly string[];
  /** `host:port` (port 443 when left out) that may resolve to loopback or private addresses. @default - none */
  readonly privateHosts?: readonly string[];
  /** PEM of certificate authorities to trust beside the system's. @default - none */
  readonly ca?: string;
  /** The agent for a URL, such as a proxy's; undefined for a direct connection. Address checks are then the proxy's. @default - direct */
  readonly agent?: (url: URL) => Agent | undefined;
  /** @default - {@link DEFAULT_RETRY} */
  readonly retry?: Partial<RetrySettings>;
  /** Milliseconds without a byte in either direction after which a request has failed. @default 60000 */
  readonly idleTimeout?: number;
  /** Requests under way at once to one registry, at most: as many as it answers well. @default 64 */
  readonly concurrency?: number;
  /** Asked before requests that count against a quota. @default - nobody is */
  readonly limiter?: Limiter;
  /** @default 'ecr-mirror' */
  readonly userAgent?: string;
  readonly clock?: Clock;
  readonly observer?: Observer;
}

export interface RetrySettings {
  /** Tries of one request in all. @default 5 */
  readonly attempts: number;
  /** Milliseconds; the first delay is at most this, and each further at most twice the one before. @default 500 */
  readonly baseDelay: number;
  /** Milliseconds; no delay is longer, whatever `Retry-After` says. @default 60000 */
  readonly maxDelay: number;
}

export const DEFAULT_RETRY: RetrySettings = { attempts: 5, baseDelay: 500, maxDelay: 60_000 };

/** All registries of a run: connections, tokens and what was learned about each are kept here. */
export interface Registries {
  /** @param side which credential it is read with. By default that for a source, which is for pulling alone */
  store(repository: Repository, side?: Side): Store;
  /** Ends idle connections. */
  close(): void;
}
