import type { CountedRequest } from '../lib/model/quota';
import type { Repository } from '../lib/model/reference';

/** What the engine asks of the world. Each shell supplies them; tests supply others. */

/** A secret for one registry. Never logged, never part of an error. */
export type Credential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token (Docker's `identitytoken`): exchanged at the realm for an access token. */
  | { readonly kind: 'identity'; readonly token: string }
  /** Sent as it is. */
  | { readonly kind: 'bearer'; readonly token: string };

export type Access = 'pull' | 'push';

export interface Credentials {
  /**
   * The credential for a repository, or undefined for anonymous access. Asked again when `stale` was refused, so that a
   * provider can fetch a new one; a provider that has no newer one returns the same value.
   */
  get(repository: Repository, access: Access, stale?: Credential): Promise<Credential | undefined>;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** @throws the signal's reason when aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Keeps to the quotas of registries, together with whoever else pushes to them. */
export interface Limiter {
  /**
   * Resolves when the request may be sent, soon after which it should be; to undefined when no quota concerns it.
   *
   * @throws the signal's reason when aborted; PutOff when the registry lets nothing be pulled for a while
   */
  admit(request: CountedRequest, signal?: AbortSignal): Promise<Admission | undefined>;
  /**
   * Listens to an answer about a manifest, which may say how much may still be pulled.
   *
   * @param repository canonical
   * @returns what to throw when it was refused because no pulls are left: asking again would not help
   */
  heard?(
    request: CountedRequest,
    repository: string,
    answer: { readonly status: number; readonly headers: Readonly<Record<string, string | string[] | undefined>> },
  ): Error | undefined;
  /** Whether a registry counts pulls, as far as is known. */
  countsPulls?(registry: string): boolean;
  /** Whether to ask a registry by HEAD, which is no pull, before the first pull: it then tells how many are left. */
  asksFirst?(registry: string): boolean;
}

/** One request that was let through, once. */
export interface Admission {
  /** The registry refused it after all (429). */
  refused(): void;
  /** It did not count, because the registry wanted a credential first. */
  unused?(): void;
}

/** What is happening, for progress bars, figures and logs. Listeners must not throw and must be quick. */
export interface Observer {
  /** One HTTP request was answered, or failed (status 0). */
  request?(event: RequestEvent): void;
  /** Bytes of a blob or manifest body moved over the wire. */
  bytes?(event: { readonly registry: string; readonly direction: 'received' | 'sent'; readonly bytes: number }): void;
  /** A copy learned how much it has to move, moved some of it, or ended. */
  copy?(event: CopyEvent): void;
  /** A request will be tried again. */
  retry?(event: {
    readonly registry: string;
    readonly operation: string;
    readonly cause: string;
    readonly delay: number;
  }): void;
}

export interface RequestEvent {
  readonly registry: string;
  readonly method: string;
  /** What it was for. */
  readonly kind: 'manifest' | 'blob' | 'upload' | 'tags' | 'referrers' | 'token' | 'ping' | 'other';
  readonly status: number;
  readonly milliseconds: number;
}

export interface CopyEvent {
  /** Canonical reference, with its tag and digest. */
  readonly source: string;
  /** Canonical repository: the tags of one repository share what is moved. */
  readonly destination: string;
  /** The tags that the image gets there. @default - none: its digest alone */
  readonly tags?: readonly string[];
  /**
   * Whatever is found to belong to the image is then moved, skipped because it is there, or mounted. What was moved and is
   * lost, because the upload failed, is moved again, if anything is.
   */
  readonly step: 'started' | 'found' | 'moved' | 'lost' | 'skipped' | 'mounted' | 'ended';
  /** Bytes that the step concerns. */
  readonly bytes: number;
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, milliseconds);
      signal?.addEventListener('abort', stop, { once: true });
    }),
};
