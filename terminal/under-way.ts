import type { CopyEvent } from '../engine/ports';
import { printable } from '../lib/model/invalid';
import { Rate } from './rate';

/** One image on its way to one repository. */
export interface Running {
  readonly name: string;
  /** How many of the expected copies it is: its tags share what is moved. */
  readonly weight: number;
  /** Bytes that belong to it, as far as its manifests were read. */
  found: number;
  /** Of these, what needs nothing more: moved, there already, or taken over. */
  settled: number;
  moved: number;
  readonly rate: Rate;
}

/** Copies that tell by themselves how much a copy that has not begun may be. */
const SAMPLE = 8;
/** Milliseconds for which a rate has to be known before time left is made of it. */
const MEASURED = 3000;
/** Seconds; what would take longer does not move. */
const LONGEST = 100 * 3600;
/** Of a copy, what has to be settled before time left is made of it: it may have to wait for others. */
const BEGUN = 0.02;

/** The copies of a run while they are under way, from what the engine's observer is told. */
export class UnderWay {
  readonly running = new Map<string, Running>();
  /** Copies that there will be, each tag of a destination for itself. */
  expected = 0;
  ended = 0;
  /** Bytes, of all copies so far. */
  moved = 0;
  requests = 0;
  /** Of all copies together, since the first began: what comes before is looking, not moving. */
  rate: Rate | undefined;
  private settledByEnded = 0;
  private movedByEnded = 0;

  /** @param now milliseconds since the epoch */
  follow(event: CopyEvent, now: number): void {
    const key = keyOf(event);
    if (event.step === 'ended') {
      this.end(key);
      return;
    }
    this.rate ??= new Rate(now);
    const copy = this.running.get(key) ?? this.begin(key, event, now);
    if (event.step === 'found') copy.found += event.bytes;
    if (event.step === 'moved' || event.step === 'skipped' || event.step === 'mounted') copy.settled += event.bytes;
    if (event.step === 'lost') copy.settled -= event.bytes;
    if (event.step !== 'moved') return;
    copy.moved += event.bytes;
    copy.rate.add(event.bytes);
    this.rate.add(event.bytes);
    this.moved += event.bytes;
  }

  /** Bytes that are settled, and bytes that there are in all; undefined while copies wait of which nothing is known. */
  bytes(): { readonly settled: number; readonly all: number } | undefined {
    if (this.unknown() > 0) return undefined;
    const [settled, found] = [this.sum('settled'), this.sum('found')];
    return { settled: this.settledByEnded + settled, all: this.settledByEnded + Math.max(found, settled) };
  }

  /** Seconds until all have ended; `about` where some are guessed from others. Undefined until it can be known. */
  left(now: number): { readonly seconds: number; readonly about: boolean } | undefined {
    if (this.rate === undefined || now - this.rate.since < MEASURED) return undefined;
    const unknown = this.unknown();
    if (unknown > 0 && this.ended < SAMPLE) return undefined;
    const known = Math.max(0, this.sum('found') - this.sum('settled'));
    const guessed = unknown === 0 ? 0 : (this.movedByEnded / this.ended) * unknown;
    const seconds = (known + guessed) / this.rate.at(now);
    return seconds <= LONGEST ? { seconds, about: unknown > 0 } : undefined;
  }

  private begin(key: string, event: CopyEvent, now: number): Running {
    const weight = event.tags?.length || 1;
    const copy: Running = { name: nameOf(event), weight, found: 0, settled: 0, moved: 0, rate: new Rate(now) };
    this.running.set(key, copy);
    return copy;
  }

  private end(key: string): void {
    const copy = this.running.get(key);
    if (copy === undefined) return;
    this.running.delete(key);
    this.ended += copy.weight;
    this.settledByEnded += copy.settled;
    this.movedByEnded += copy.moved;
  }

  /** Copies that have not begun, or whose manifests were not read yet. */
  private unknown(): number {
    const running = [...this.running.values()];
    const begun = running.reduce((sum, { weight }) => sum + weight, 0);
    const waiting = Math.max(0, this.expected - this.ended - begun);
    return waiting + running.reduce((sum, { found, weight }) => sum + (found === 0 ? weight : 0), 0);
  }

  private sum(of: 'found' | 'settled'): number {
    let sum = 0;
    for (const copy of this.running.values()) sum += copy[of];
    return sum;
  }
}

/** Seconds until one copy has all its bytes; undefined until it can be known, and then. */
export function leftOf({ found, settled, rate }: Running, now: number): number | undefined {
  if (settled >= found || settled < found * BEGUN || now - rate.since < MEASURED) return undefined;
  const seconds = (found - settled) / rate.at(now);
  return seconds <= LONGEST ? seconds : undefined;
}

/** What rows want of one image is copied apart where it is not alike, such as other platforms under another tag. */
function keyOf({ source, destination, tags = [] }: CopyEvent): string {
  return [source, destination, ...tags].join(' ');
}

/** `registry/repository:tag`, or `registry/repository:tag,tag` where they share what is moved. */
function nameOf({ destination, tags = [] }: CopyEvent): string {
  return printable(tags.length === 0 ? destination : `${destination}:${tags.join(',')}`);
}
