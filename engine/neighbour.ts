/** Tags that stand for signatures and the like of an image, not for images. */
const OF_A_DIGEST = /^sha256-[0-9a-f]{64}/;

/**
 * The tag whose image has most likely the most in common with that of a wanted tag: one of the same form (`1.27.3-alpine` for
 * `1.27.4-alpine`), written most alike at both ends, of several the highest. Undefined when there is none.
 */
export function neighbourOf(wanted: string, tags: readonly string[]): string | undefined {
  let best: Candidate | undefined;
  for (const tag of tags) {
    if (tag === wanted || OF_A_DIGEST.test(tag)) continue;
    const candidate = { tag, sameForm: Number(formOf(tag) === formOf(wanted)), alike: alikeness(wanted, tag) };
    if (best === undefined || compare(candidate, best) > 0) best = candidate;
  }
  return best?.tag;
}

interface Candidate {
  readonly tag: string;
  readonly sameForm: number;
  readonly alike: number;
}

/** Made where two tags are first compared: it takes longer to make than a command to start. */
let byNumber: Intl.Collator | undefined;

function compare(a: Candidate, b: Candidate): number {
  byNumber ??= new Intl.Collator('en', { numeric: true });
  return a.sameForm - b.sameForm || a.alike - b.alike || byNumber.compare(a.tag, b.tag) || (a.tag > b.tag ? 1 : -1);
}

/** `0.0.0-alpine` */
function formOf(tag: string): string {
  return tag.replace(/[0-9]+/g, '0');
}

/** Characters that two texts share at their beginnings and ends. */
function alikeness(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start++;
  let end = 0;
  while (end < most - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return start + end;
}
