import type { Digest } from './digest';

/** Tags that this program makes up: what a tag held before it moved, and what could not have the tag it was to have. */

const LONGEST_TAG = 128;
/** What tags of previous images begin with. */
export const PREVIOUS_PREFIX = 'prev-';
/** Of a digest. */
const SHORT = 12;
/** `-20261121-` and a time or a part of a digest. */
const LONGEST_ENDING = 1 + 8 + 1 + SHORT;
const ENDING = /^\d{8}(?:-(?:\d{6}|[0-9a-f]{12}))?$/;

/**
 * Names under which the image that a tag holds is kept before the tag moves, the best first: by the day (UTC), where that name is
 * taken by the time, and then by the digest. A long tag is cut.
 *
 * @param now milliseconds since the epoch
 */
export function previousTags(tag: string, digest: Digest, now: number): readonly string[] {
  const [day = '', time = ''] = new Date(now)
    .toISOString()
    .replace(/[-:]|\.\d+Z$/g, '')
    .split('T');
  const name = `${stemOf(tag)}${day}`;
  return [name, `${name}-${time}`, `${name}-${short(digest)}`];
}

/** Whether a name is one under which an image of the tag was kept. */
export function isPreviousOf(tag: string, name: string): boolean {
  const stem = stemOf(tag);
  return name.startsWith(stem) && ENDING.test(name.slice(stem.length));
}

/** Whether a name is one under which an image of any tag was kept. */
export function isPreviousTag(name: string): boolean {
  return /^prev-.+-\d{8}(?:-(?:\d{6}|[0-9a-f]{12}))?$/.test(name);
}

/** The tag of an image whose own is immutable and taken: `1.27-0123456789ab`. A long tag is cut. */
export function besideTag(tag: string, digest: Digest): string {
  return `${tag.slice(0, LONGEST_TAG - 1 - SHORT)}-${short(digest)}`;
}

function stemOf(tag: string): string {
  return `${PREVIOUS_PREFIX}${tag.slice(0, LONGEST_TAG - PREVIOUS_PREFIX.length - LONGEST_ENDING)}-`;
}

function short(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, SHORT);
}
