import { CopyAttribute, ROW_ITEM } from '../../lib/model/names';
import type { RunningRegistry } from '../registry';
import type { Attributes } from '../stack/rows';
import type { World } from './world';

/** Counts what happens from now on. */
export interface Since {
  /** Jobs that were submitted. */
  jobs(): number;
  /** Requests that wrote into any registry. */
  writes(): number;
  /** How often each blob was read from a registry, by digest. */
  reads(registry: RunningRegistry): ReadonlyMap<string, number>;
}

export function since({ stack, registries }: World): Since {
  const jobs = stack.runner.list().length;
  const all = Object.values(registries);
  const from = new Map(all.map((registry) => [registry, registry.requests.length] as const));
  const newest = (registry: RunningRegistry) => registry.requests.slice(from.get(registry));
  return {
    jobs: () => stack.runner.list().length - jobs,
    writes: () => all.flatMap(newest).filter(({ method, status }) => method === 'PUT' && status < 300).length,
    reads: (registry) => {
      const counts = new Map<string, number>();
      for (const { method, kind, status, digest } of newest(registry)) {
        if (method !== 'GET' || kind !== 'blob' || status !== 200 || digest === undefined) continue;
        counts.set(digest, (counts.get(digest) ?? 0) + 1);
      }
      return counts;
    },
  };
}

/** The copies of images: where they went and when, so that two looks can be compared. */
export async function mirroredAt({ stack }: World): Promise<ReadonlyMap<string, string>> {
  const copies = (await stack.copies()).filter((item) => item[CopyAttribute.DESTINATION] !== ROW_ITEM);
  return new Map(
    copies.map((item) => [
      String(item[CopyAttribute.DESTINATION]),
      `${item[CopyAttribute.DIGEST]} ${item[CopyAttribute.LAST_MIRRORED]}`,
    ]),
  );
}

/** The item that concerns a row itself. */
export async function rowItem({ stack }: World, source: string): Promise<Attributes | undefined> {
  return (await stack.copies()).find(
    (item) => item[CopyAttribute.SOURCE] === source && item[CopyAttribute.DESTINATION] === ROW_ITEM,
  );
}

/** Whether every item that is not a row's own is in this state. */
export async function allMirrored({ stack }: World): Promise<boolean> {
  const copies = (await stack.copies()).filter((item) => item[CopyAttribute.DESTINATION] !== ROW_ITEM);
  return copies.length > 0 && copies.every((item) => item[CopyAttribute.STATE] === 'Mirrored');
}
