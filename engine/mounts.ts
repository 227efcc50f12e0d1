import type { Digest } from '../lib/model/digest';
import { parseEcrHost } from '../lib/model/ecr-host';
import { formatRepository, type Repository } from '../lib/model/reference';

/** What a run has learned of how registries take blobs over from one of their repositories to another. */
export class Mounts {
  /** Repository and digest of blobs that this run has pushed and that no manifest names yet. */
  private readonly unnamed = new Set<string>();
  private readonly fresh = new Map<string, boolean>();
  private readonly named = new Map<string, boolean>();

  pushedBlob(into: Repository, digest: Digest): void {
    this.unnamed.add(keyOf(into, digest));
  }

  /** A manifest that names these blobs was pushed. */
  pushedManifest(into: Repository, blobs: readonly Digest[]): void {
    for (const digest of blobs) this.unnamed.delete(keyOf(into, digest));
  }

  /** How a registry answered when a blob was to be taken over from one of its repositories. */
  answered(from: Repository, digest: Digest, mounted: boolean): void {
    (this.isUnnamed(from, digest) ? this.fresh : this.named).set(from.registry, mounted);
  }

  /** Whether a repository has the blob since this run pushed it, and no manifest names it yet. */
  isUnnamed(into: Repository, digest: Digest): boolean {
    return this.unnamed.has(keyOf(into, digest));
  }

  /** Whether the registry lets a blob be mounted that was pushed a moment ago; undefined until it was tried. */
  isFreshTaken(registry: string): boolean | undefined {
    return this.fresh.get(registry) ?? (parseEcrHost(registry) === undefined ? undefined : false);
  }

  /**
   * Whether a blob can most likely be mounted once a manifest names it, and not before: as Amazon ECR does where the account
   * setting BLOB_MOUNTING allows it, which one answer tells.
   */
  isNamedTaken(registry: string): boolean {
    return this.isFreshTaken(registry) === false && this.named.get(registry) !== false;
  }
}

const keyOf = (repository: Repository, digest: Digest) => `${formatRepository(repository)} ${digest}`;
