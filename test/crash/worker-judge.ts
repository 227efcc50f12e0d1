import { readBack } from '../../local/read-back';
import type { Attributes } from '../../local/stack/rows';
import { brokenIn } from '../fault/judge';
import { IMAGE, SIGNATURE, TAG } from './worker-image';
import type { CrashWorld } from './worker-world';
import { REPOSITORY } from './worker-world';

/** What a look at the destination has shown. */
export interface Found {
  /** Tags that were read back, every byte of what is beneath them. */
  readonly tags: number;
  readonly wrongs: readonly string[];
}

/**
 * Everything that somebody could pull is whole: each tag, each manifest whether it is tagged or not, and the image is signed
 * wherever it has its tag.
 */
export async function lookAtDestination(world: CrashWorld): Promise<Found> {
  const repository = world.own.state.repositories.get(REPOSITORY);
  const wrongs = repository === undefined ? ['the repository is gone'] : brokenIn(repository);
  const tags = [...(repository?.tags.keys() ?? [])];
  for (const tag of tags) wrongs.push(...(await wrongsOf(world, tag)));
  return { tags: tags.length, wrongs };
}

async function wrongsOf({ own }: CrashWorld, tag: string): Promise<string[]> {
  try {
    const found = await readBack(own, REPOSITORY, tag);
    if (tag !== TAG) return [];
    const signed = found?.referrers.includes(SIGNATURE.root.descriptor.digest) === true;
    return [
      ...(found?.digest === IMAGE.root.descriptor.digest ? [] : [`${tag} is ${found?.digest}`]),
      ...(signed ? [] : [`${tag} is not signed`]),
    ];
  } catch (error) {
    return [`${tag}: ${(error as Error).message}`];
  }
}

/** What is wrong with a copy that is said to be done. */
export async function wrongsOfCopied(world: CrashWorld, item: Attributes | undefined): Promise<string[]> {
  const { tags, wrongs } = await lookAtDestination(world);
  return [
    ...wrongs,
    ...(tags === 1 ? [] : [`there are ${tags} tags at the destination`]),
    ...(item?.State === 'Mirrored' ? [] : [`the copy is ${item?.State}`]),
    ...(item?.Lease === undefined ? [] : ['its lease has not ended']),
  ];
}
