import { createHash } from 'node:crypto';
import type { RegistryState, RepositoryState } from '../../local/registry';
import { neededBlobs } from '../../local/registry/manifest';
import type { SoakRow } from './upstream';

/** Tags that are not, or not yet, what they are upstream; `repository:tag`. Cheap enough to be asked often. */
export function behind(rows: readonly SoakRow[], source: RegistryState, destination: RegistryState): string[] {
  return rows.flatMap((row) => {
    const tags = [...(source.repositories.get(row.source)?.tags ?? [])];
    return row.destinations.flatMap((name) => {
      const there = destination.repositories.get(name)?.tags;
      return tags.filter(([tag, digest]) => there?.get(tag) !== digest).map(([tag]) => `${name}:${tag}`);
    });
  });
}

/** What images at the destination lack of those upstream, or have otherwise: every byte is looked at. */
export async function unlike(
  rows: readonly SoakRow[],
  source: RegistryState,
  destination: RegistryState,
): Promise<string[]> {
  const found: string[] = [];
  for (const row of rows) {
    const upstream = source.repositories.get(row.source);
    for (const name of row.destinations) {
      const there = destination.repositories.get(name);
      if (upstream === undefined || there === undefined) found.push(`${name} is not there`);
      else found.push(...(await differences(upstream, there)));
    }
  }
  return found;
}

async function differences(upstream: RepositoryState, there: RepositoryState): Promise<string[]> {
  const found: string[] = [];
  for (const digest of [...upstream.tags.values()].flatMap((root) => withParts(upstream, root))) {
    const [wanted, got] = [upstream.manifests.get(digest), there.manifests.get(digest)];
    if (wanted === undefined || got === undefined || Buffer.compare(wanted.bytes, got.bytes) !== 0) {
      found.push(`${there.name} lacks the manifest ${digest}`);
    }
  }
  for (const [digest, manifest] of there.manifests) {
    const children = manifest.parsed.manifests.filter((child) => !there.manifests.has(child.digest));
    const blobs = await Promise.all(
      neededBlobs(manifest.parsed).map(async (blob) => ((await isWhole(there, blob.digest)) ? [] : [blob])),
    );
    found.push(...[...children, ...blobs.flat()].map((part) => `${there.name}@${digest} lacks ${part.digest}`));
  }
  return found;
}

/** A manifest, its children and what refers to them. */
function withParts({ manifests }: RepositoryState, root: string): string[] {
  const children = manifests.get(root)?.parsed.manifests.map((child) => child.digest as string) ?? [];
  const subjects = new Set([root, ...children]);
  const referrers = [...manifests].filter(([, { parsed }]) => subjects.has(parsed.subject?.digest ?? ''));
  return [...subjects, ...referrers.map(([digest]) => digest)];
}

async function isWhole({ blobs }: RepositoryState, digest: string): Promise<boolean> {
  const content = blobs.get(digest);
  if (content === undefined) return false;
  const hash = createHash('sha256');
  for await (const chunk of content.read()) hash.update(chunk);
  return `sha256:${hash.digest('hex')}` === digest;
}
