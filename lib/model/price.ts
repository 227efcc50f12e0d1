/** What a plan costs: bytes that are new, pulls of what remains, repositories to create, quotas that come near, storage. */
export interface Price {
  /** By destination registry; empty where sizes were not asked for. */
  readonly bytes: readonly BytePrice[];
  /** By who is counted, of registries that count. */
  readonly pulls: readonly PullPrice[];
  /** Canonical repositories of Amazon ECR that are not there. */
  readonly create: readonly string[];
  /** Quotas of Amazon ECR that what is planned comes near to, or goes beyond. */
  readonly quotas: readonly QuotaPrice[];
  /** What new bytes in Amazon ECR cost. @default - sizes were not asked for, or nothing goes to Amazon ECR */
  readonly storage?: StoragePrice;
  /** What could not be found out, each in one line. */
  readonly unknown: readonly string[];
}

/** Distinct content of the images of a plan at one registry. */
export interface BytePrice {
  readonly registry: string;
  readonly new: number;
  /** There already, in the repository that it goes to. */
  readonly held: number;
}

export interface PullPrice {
  readonly registry: string;
  /** Who is counted, as the registry says. @default - each worker by an address of its own */
  readonly source?: string;
  /** Pulls that the images take: as read, or as it is with images of their kind. */
  readonly expected: number;
  /** Images that take them, and those of them that would be put off. */
  readonly images: number;
  readonly putOff: number;
  /** Pulls that may be taken now; that are left; that there are in a window of so many seconds. */
  readonly free: number;
  readonly left: number;
  readonly limit: number;
  readonly window: number;
  /** When all pulls are back at the latest, ISO 8601. Present when some images would be put off. */
  readonly until?: string;
}

export type EcrQuota = 'repositories' | 'images' | 'tags';

export interface QuotaPrice {
  readonly quota: EcrQuota;
  /** Canonical registry, repository, or image: what the quota is of. */
  readonly of: string;
  readonly used: number;
  readonly adding: number;
  readonly limit: number;
}

export interface StoragePrice {
  readonly bytes: number;
  /** US dollars a month, by the list price of one region. */
  readonly usd: number;
  readonly region: string;
}

/** Amazon ECR user guide, "Service quotas": what every account has. That of tags cannot be raised. */
export const ECR_QUOTAS: Readonly<Record<EcrQuota, number>> = {
  /** In an account and region. */
  repositories: 100_000,
  /** In a repository, those without a tag included. */
  images: 100_000,
  /** Of an image. */
  tags: 1_000,
};
/** Of a quota, from which on it is told. */
const NEAR = 0.9;

/** What is told of a use of a quota: nothing while there is room, or when nothing is added. */
export function nearQuota(use: Omit<QuotaPrice, 'limit'>): readonly QuotaPrice[] {
  const limit = ECR_QUOTAS[use.quota];
  return use.adding > 0 && use.used + use.adding >= limit * NEAR ? [{ ...use, limit }] : [];
}

/** @param usd for a GB (10^9 bytes) and month */
export function storagePrice(bytes: number, usd: number, region: string): StoragePrice {
  return { bytes, usd: (bytes / 1e9) * usd, region };
}
