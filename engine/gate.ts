/** Lets in at most so many at once, in the order they came. A caller may take several places; it gets them all together. */
export class Gate {
  private free: number;
  private readonly waiting: { readonly wanted: number; readonly enter: (places: number) => void }[] = [];

  constructor(private places: number) {
    this.free = places;
  }

  /** Whether somebody is outside. */
  get isWaitedFor(): boolean {
    return this.waiting.length > 0;
  }

  /** From now on so many places. Who is in stays in, so for a while there may be more. */
  resize(places: number): void {
    this.free += places - this.places;
    this.places = places;
    this.admit();
  }

  /** Runs the work with `wanted` places, or with all there are if it wants more. */
  async run<T>(work: () => Promise<T>, wanted = 1): Promise<T> {
    const places = await this.enter(wanted);
    try {
      return await work();
    } finally {
      this.free += places;
      this.admit();
    }
  }

  /** @returns the places taken */
  private enter(wanted: number): Promise<number> {
    return new Promise((enter) => {
      this.waiting.push({ wanted, enter });
      this.admit();
    });
  }

  private admit(): void {
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      const places = Math.min(next.wanted, this.places);
      if (this.free < places) return;
      this.waiting.shift();
      this.free -= places;
      next.enter(places);
    }
  }
}

/** Runs the work for one key at a time; different keys do not wait for each other. */
export class Turns<Key> {
  private readonly last = new Map<Key, Promise<void>>();

  /** @param alone asked when the turn has come: when false, the next one begins beside this one. @default - true */
  async run<T>(key: Key, work: () => Promise<T>, alone: () => boolean = () => true): Promise<T> {
    const before = this.last.get(key) ?? Promise.resolve();
    let release: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      release = resolve;
    });
    const tail = before.then(() => mine);
    this.last.set(key, tail);
    await before;
    if (!alone()) release();
    try {
      return await work();
    } finally {
      release();
      if (this.last.get(key) === tail) this.last.delete(key);
    }
  }
}

/**
 * Applies the work to each item, at most `most` at once, and returns the results in the items' order. After a failure no
 * further item is begun.
 */
export async function mapWithin<In, Out>(
  most: number,
  items: readonly In[],
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const results = new Array<Out>(items.length);
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const position = next++;
      try {
        results[position] = await work(items[position] as In);
      } catch (cause) {
        next = items.length;
        throw cause;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, lane));
  return results;
}
