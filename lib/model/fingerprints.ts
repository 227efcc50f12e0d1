/**
 * A set of texts in eight bytes each, whatever their length: what is remembered is 64 bits of a hash. Two different texts may
 * therefore count as one, by chance once in some ten billion sets of a hundred thousand: whoever must be exact looks again
 * at what it was told is there.
 */
export interface Fingerprints {
  /** Whether it was not there before. */
  add(text: string): boolean;
  has(text: string): boolean;
  readonly size: number;
}

const { imul } = Math;
const FIRST_ROOM = 1024;
/** The multipliers of MurmurHash3's finalizer and of xxHash, odd numbers with well mixed bits. */
const [PRIME_A, PRIME_B, PRIME_C, PRIME_D] = [0x85ebca6b, 0xc2b2ae35, 0x9e3779b1, 0x27d4eb2f] as const;

export function createFingerprints(): Fingerprints {
  // Two words a place; a place of zeros is free. At most half of all places are taken.
  let words = new Uint32Array(FIRST_ROOM * 2);
  let size = 0;

  const placeOf = (high: number, low: number): number => {
    const mask = words.length / 2 - 1;
    let place = high & mask;
    while (words[2 * place] !== 0 || words[2 * place + 1] !== 0) {
      if (words[2 * place] === high && words[2 * place + 1] === low) break;
      place = (place + 1) & mask;
    }
    return place;
  };
  const put = (high: number, low: number): boolean => {
    const place = placeOf(high, low);
    if (words[2 * place] === high && words[2 * place + 1] === low) return false;
    words[2 * place] = high;
    words[2 * place + 1] = low;
    return true;
  };
  const grow = () => {
    const before = words;
    words = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += 2) {
      const [high, low] = [before[at] as number, before[at + 1] as number];
      if (high !== 0 || low !== 0) put(high, low);
    }
  };

  return {
    get size() {
      return size;
    },
    add(text) {
      const [high, low] = hash(text);
      if (!put(high, low)) return false;
      size += 1;
      if (size * 4 > words.length) grow();
      return true;
    },
    has(text) {
      const [high, low] = hash(text);
      const place = placeOf(high, low);
      return words[2 * place] === high && words[2 * place + 1] === low;
    },
  };
}

/** Eight hexadecimal digits that two different texts share once in some four billion. */
export function fingerprint(text: string): string {
  const [high] = hash(text);
  return high.toString(16).padStart(8, '0');
}

/** Two words, never both zero. */
function hash(text: string): readonly [number, number] {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    one = imul(one ^ unit, PRIME_C);
    two = imul(two ^ unit, PRIME_D);
  }
  one = imul(one ^ (one >>> 16), PRIME_A) ^ imul(two ^ (two >>> 13), PRIME_B);
  two = imul(two ^ (two >>> 16), PRIME_A) ^ imul(one ^ (one >>> 13), PRIME_B);
  return [one >>> 0, (two | 1) >>> 0];
}
