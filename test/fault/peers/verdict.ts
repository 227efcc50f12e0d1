import type { Side } from '../../../engine/errors';
import type { Built } from '../../../local/images';
import { parseManifest } from '../../../local/registry/manifest';
import { differences, moved, partial, swallowed, told } from '../judge';
import type { Case } from '../matrix';
import { TAG, tagOf, type World } from '../world';
import type { PeerEnded } from './copier';

/** How a copy by any program ended, from the best to the worst. */
export type Verdict =
  /** It was never asked what the fault is about. */
  | 'not asked'
  | 'exact'
  /** It says that it failed, and on which side. */
  | 'error'
  /** It says that it failed; which of the two registries is to blame is for the reader to find out. */
  | 'no side'
  /** It was ended when its time was up. */
  | 'no end'
  /** It took an answer without end for as long as it was sent. */
  | 'swallows'
  /** It says that it is done, and a part is missing or another. */
  | 'not done'
  /** The tag stands for an image of which parts are missing, or for another image. */
  | 'broken tag'
  /** Another host than its own saw a credential, or it was said. */
  | 'leak';

/** Bytes of an answer without end that any program may take: their own bounds are theirs to choose. */
const MOST_TAKEN = 64 * 2 ** 20;

export interface Judged {
  readonly verdict: Verdict;
  /** In words, for whoever looks into it. */
  readonly why: string;
}

/** @param referrers whether the program brings signatures along */
export async function judge(
  world: World,
  ended: PeerEnded,
  { fault, place: { side } }: Case,
  referrers: boolean,
): Promise<Judged> {
  const { image } = world;
  const wanted: World = referrers ? world : { ...world, image: withoutReferrers(image) };
  const leaks = told(world, ended);
  if (leaks[0] !== undefined) return { verdict: 'leak', why: leaks[0] };
  const tagged = world.copies.some((name) => tagOf(world, name) === image.root.descriptor.digest);
  const wrong = [...moved(world), ...(tagged ? partial(world) : [])];
  if (wrong[0] !== undefined) return { verdict: 'broken tag', why: wrong[0] };
  if (fault.strike !== undefined && world.done.struck === 0) return { verdict: 'not asked', why: '' };
  const poured = swallowed(world.done, MOST_TAKEN);
  if (poured[0] !== undefined) return { verdict: 'swallows', why: poured[0] };
  if (ended.late) return { verdict: 'no end', why: ended.said.at(-1) ?? '' };
  if (ended.errors.length === 0) {
    const [difference] = (await Promise.all(world.copies.map((name) => differences(wanted, name)))).flat();
    return difference === undefined ? { verdict: 'exact', why: '' } : { verdict: 'not done', why: difference };
  }
  const text = lastError(ended.errors.join('\n'));
  return { verdict: namesSide(text, side, world) ? 'error' : 'no side', why: text };
}

/** What it ended with; above that is progress, in which addresses are named that nobody blames. */
export function lastError(text: string): string {
  const lines = text.split('\n');
  const from = lines.findLastIndex((line) => /^Error\b|level=fatal|^failed\b/.test(line));
  return lines.slice(from).join('\n');
}

/**
 * Whether an error says which registry is to blame: by its address in what was asked, or by a word for its side. That both
 * ends of the copy are named, as in "copying A to B", says nothing.
 */
export function namesSide(text: string, side: Side, { hosts }: Pick<World, 'hosts'>): boolean {
  const both = new RegExp(`(docker://)?127\\.0\\.0\\.1:\\d+/[a-z0-9]+:${TAG.replace('.', '\\.')}`, 'g');
  const rest = text.replace(both, '…');
  return rest.includes(hosts[side].host) || WORDS[side].test(rest);
}

const WORDS: Readonly<Record<Side, RegExp>> = {
  source: /\bsource\b|\breading (?:blob|manifest)|\bpull(?:ing)?\b|\bfetch/i,
  destination: /\b(?:destination|target)\b|\bwriting (?:blob|manifest)|\bupload|\bpush/i,
};

function withoutReferrers({ root, manifests, blobs }: Built): Built {
  const kept = manifests.filter(
    ({ bytes, descriptor }) => parseManifest(bytes, descriptor.mediaType).subject === undefined,
  );
  const used = new Set(
    kept.flatMap(({ bytes, descriptor }) => {
      const { config, layers } = parseManifest(bytes, descriptor.mediaType);
      return [config, ...layers].map((blob) => blob?.digest);
    }),
  );
  return { root, manifests: kept, blobs: blobs.filter(({ descriptor }) => used.has(descriptor.digest)) };
}
