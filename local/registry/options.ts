import type { Clock } from '../../engine/ports';
import type { Digest } from '../../lib/model/digest';
import type { Interception, RequestRecord } from './requests';
import type { Quotas } from './throttle';

export interface EmbeddedRegistryOptions {
  /** Whose manners it has. @default 'docker-registry' */
  readonly personality?: 'docker-registry' | EcrOptions | DockerHubOptions;
  /** Who may do what. Amazon ECR's own tokens are used with its personality. @default - no authorization */
  readonly auth?: BasicAuth | BearerAuth;
  /** The referrers API. Without it the answer is 404 and clients keep the fallback tag. @default true */
  readonly referrers?: boolean;
  /** Whether a manifest with a subject is answered with `OCI-Subject`. @default - as `referrers` */
  readonly announceSubject?: boolean;
  /** Descriptors on a page of referrers. @default - all */
  readonly referrersPage?: number;
  /** Upload locations without scheme and host. @default false */
  readonly relativeLocations?: boolean;
  /** Blobs are answered with 307 to another origin, which refuses credentials. @default - only Amazon ECR */
  readonly redirectBlobs?: boolean;
  /** Milliseconds before each request is looked at. @default 0 */
  readonly latency?: number;
  /** Bytes of blobs held in memory at most; a push beyond is refused. @default 256 MiB */
  readonly memory?: number;
  /** Blobs beyond 1 MiB are kept in a folder made here and removed at the end. @default - all in memory */
  readonly directory?: string;
  /** @default 0: any that is free */
  readonly port?: number;
  /** For tokens, limits and dates. @default - this machine's */
  readonly clock?: Clock;
  /** A manifest was stored, or a tag moved. */
  readonly onPush?: (event: PushEvent) => void;
  /** Asked before each request is looked at; an answer replaces the registry's. */
  readonly intercept?: (request: RequestRecord) => Interception | undefined;
}

export interface EcrOptions {
  readonly kind: 'ecr';
  /** @default '123456789012' */
  readonly account?: string;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** Repositories that are there from the beginning. @default - none */
  readonly repositories?: readonly string[];
  /** The account setting BLOB_MOUNTING. @default false */
  readonly blobMounting?: boolean;
  /** Calls a second of the account and region: a share of what is published, or by operation. @default - no throttling */
  readonly quotas?: Quotas;
  /** Bytes that every part of an upload but the last must have. @default 5 MiB */
  readonly minimumPart?: number;
}

export interface DockerHubOptions {
  readonly kind: 'docker-hub';
  /** Manifest GETs in a window. @default 100 */
  readonly limit?: number;
  /** Seconds. @default 21600 */
  readonly window?: number;
}

export type Action = 'pull' | 'push' | 'delete';

interface Users {
  readonly users: readonly { readonly username: string; readonly password: string }[];
  /**
   * What a user, or undefined for anybody, may do in a repository.
   * @default - users everything, anybody nothing
   */
  readonly allow?: (username: string | undefined, repository: string) => readonly Action[];
}

export interface BasicAuth extends Users {
  readonly kind: 'basic';
}

export interface BearerAuth extends Users {
  readonly kind: 'bearer';
  /** Seconds that a token lives. @default 300 */
  readonly expires?: number;
  /** Whether `expires_in` is told; without it, 60 s are meant. @default true */
  readonly announceExpiry?: boolean;
  /** @default 'registry.example' */
  readonly service?: string;
  /**
   * Whether tokens of Amazon ECR Public's API are good as the password of the user `AWS`, who is then known by the access key
   * for which they were issued. @default false
   */
  readonly ecrPublic?: boolean;
  /** URL of the token endpoint as challenges name it. @default - `/token` of this server */
  readonly realm?: string;
}

/** A manifest that was pushed; as Amazon ECR reports it, one event for each manifest and tag. */
export interface PushEvent {
  readonly repository: string;
  readonly digest: Digest;
  /** Empty when pushed by digest. */
  readonly tag: string;
  readonly mediaType: string;
  readonly artifactType?: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}
