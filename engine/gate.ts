/** Lets in at most so many at once, in the order they came. A caller may take several places; it gets them all together. */
export class Gate {
  private free: number;
  private readonly waiting: { readonly places: number; readonly enter: () => void }[] = [];

  constructor(private readonly places: number) {
    this.free = places;
  }

  /** Runs the work with `wanted` places, or with all there are if it wants more. */
  async run<T>(work: () => Promise<T>, wanted = 1): Promise<T> {
    const places = Math.min(wanted, this.places);
    await this.enter(places);
    try {
      return await work();
    } finally {
      this.free += places;
      this.admit();
    }
  }

  private enter(places: number): Promise<void> {
    if (this.waiting.length === 0 && this.free >= places) {
      this.free -= places;
      return Promise.resolve();
    }
    return new Promise((enter) => {
      this.waiting.push({ places, enter });
    });
  }

  private admit(): void {
    while (this.waiting[0] !== undefined && this.free >= this.waiting[0].places) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.free -= next.places;
      next.enter();
    }
  }
}

/** Runs the work for one key at a time; different keys do not wait for each other. */
export class Turns<Key> {
  private readonly last = new Map<Key, Promise<void>>();

  async run<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(key) ?? Promise.resolve();
    let release: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      release = resolve;
    });
    const tail = before.then(() => mine);
    this.last.set(key, tail);
    await before;
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
