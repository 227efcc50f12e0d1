/** Milliseconds after which what was moved counts for a third. */
const MEMORY = 8000;
/** Milliseconds between two looks, at least. */
const STEP = 200;

/** Bytes a second, smoothed: the mean of the first seconds, then the newest count most. */
export class Rate {
  private bytes = 0;
  private smoothed = 0;
  private looked: number;

  /** @param since milliseconds since the epoch */
  constructor(readonly since: number) {
    this.looked = since;
  }

  add(bytes: number): void {
    this.bytes += bytes;
  }

  /** @param now milliseconds since the epoch */
  at(now: number): number {
    const passed = now - this.looked;
    if (passed >= STEP) {
      const kept = Math.exp(-passed / MEMORY);
      this.smoothed = this.smoothed * kept + ((this.bytes * 1000) / passed) * (1 - kept);
      this.bytes = 0;
      this.looked = now;
    }
    const known = 1 - Math.exp(-(this.looked - this.since) / MEMORY);
    return known === 0 ? 0 : this.smoothed / known;
  }
}
