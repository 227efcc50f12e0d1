import type { Observer } from '../engine/ports';
import type { Copy, Skipped, SkipReason } from '../lib/model/copy';
import type { ErrorCode } from '../lib/model/error-code';
import type { Mirror } from '../lib/model/mirror';
import type { FailureCause, Outcome } from '../lib/model/outcome';
import type { Price } from '../lib/model/price';
import { formatReference } from '../lib/model/reference';
import { countInto, type Figures, newFigures, tellAll } from '../terminal/figures';
import type { Failure } from '../terminal/summary';
import type { ImageSize } from './image-size';
import type { Io } from './io';
import { lineVoice } from './line-voice';
import { openLive } from './live';
import { type Counts, failureOfSkipped, jsonVoice } from './voices';

/** Tells people or machines what is happening, and counts. */
export interface Report {
  /** To be given to whatever copies. */
  readonly observer: Observer;
  readonly counts: Counts;
  /** What was asked and moved so far. */
  readonly figures: Figures;
  /** For who tells something in words of its own. */
  readonly io: Io;
  /** Something about a row, or the file, that does not stop it. */
  warn(what: string, message: string): void;
  /** Something that went wrong beside the copies, such as a file that cannot be read now. */
  trouble(message: string, code?: ErrorCode): void;
  /** So many images are about to be copied. */
  expect(copies: number): void;
  skip(skipped: Skipped, mirror?: Mirror): void;
  /** What would be copied; its size when it was asked for and could be read. */
  plan(copy: Copy, size?: ImageSize): void;
  /** What carrying out a plan would cost. */
  price(price: Price): void;
  end(copy: Copy, outcome: Outcome): void;
  /** The closing lines; counting starts anew. */
  close(): void;
}

export interface ReportOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Reasons that are not worth a line. @default - none */
  readonly silent?: readonly SkipReason[];
  /** Nothing is copied, only told of. @default false */
  readonly planning?: boolean;
  readonly now: () => number;
}

const FAILURES: readonly SkipReason[] = ['invalid', 'not-allowed', 'contested', 'source-failed', 'destination-failed'];

/** Whether a row or image that is left alone is a failure: an empty selection is one where the row says how many there must be. */
export function isFailure({ reason }: Skipped, mirror?: Mirror): boolean {
  if (reason !== 'nothing-selected') return FAILURES.includes(reason);
  return mirror?.select.kind === 'tags' && mirror.select.selection.min !== undefined;
}

export function openReport(io: Io, options: ReportOptions): Report {
  const counts = newCounts();
  const figures = newFigures();
  const failures: Failure[] = [];
  let started = options.now();
  const live = openLive(io, options);
  const voice = options.json ? jsonVoice(io, options) : lineVoice(live.io, { ...options, hasBars: live.hasBars });
  // Whatever keeps a run from its closing lines, what failed before is told.
  io.atEnd?.push(() => voice.failures(failures.splice(0)));

  const current = new Set<string>();
  /** What several rows want is told of each to machines, and is one image to people. */
  const isAgain = ({ destination }: Skipped) => {
    if (destination === undefined) return false;
    const before = current.size;
    return current.add(formatReference(destination)).size === before;
  };
  const later = (skipped: Skipped) => {
    const isKnown = isAgain(skipped);
    if (!isKnown) {
      counts.putOff += 1;
      counts.skipped += 1;
    }
    if (options.json || !isKnown) voice.skipped(skipped);
  };
  return {
    observer: tellAll(countInto(figures), live.observer),
    counts,
    figures,
    io: live.io,
    warn: (what, message) => voice.warn(what, message),
    trouble: (message, code) => voice.trouble(message, code),
    expect: (copies) => live.expect(copies),
    skip(skipped, mirror) {
      if (skipped.cause === 'stopped') counts.left += 1;
      else if (skipped.reason === 'put-off') later(skipped);
      else if (isFailure(skipped, mirror)) {
        const failure = failureOfSkipped(skipped);
        fail(counts, failures, failure, skipped.cause ?? (skipped.reason === 'invalid' ? 'usage' : undefined));
        voice.failed(failure, skipped);
      } else {
        const isKnown = skipped.reason === 'up-to-date' && isAgain(skipped);
        if (skipped.reason !== 'up-to-date') counts.skipped += 1;
        else if (!isKnown) counts.upToDate += 1;
        if (!(options.silent ?? []).includes(skipped.reason) && (options.json || !isKnown)) voice.skipped(skipped);
      }
    },
    plan(copy, size) {
      counts.planned += copy.destinations.length;
      if (size !== undefined)
        counts.size = { bytes: counts.size.bytes + size.bytes, pulls: counts.size.pulls + size.pulls };
      voice.planned(copy, size && { bytes: size.bytes, pulls: size.pulls });
    },
    price: (price) => voice.priced(price),
    end(copy, outcome) {
      if (outcome.state === 'Mirrored') {
        counts.copied += 1;
        voice.copied(copy, outcome);
      } else if (outcome.cause === 'put-off') {
        const { source, destination, error: detail } = outcome;
        later({ mirror: copy.mirrors[0] ?? '', source, destination, reason: 'put-off', detail });
      } else if (outcome.cause === 'stopped' && io.signal?.aborted === true) {
        counts.left += 1;
      } else {
        const { error = outcome.state, code } = outcome;
        const failure = { what: formatReference(outcome.destination), error, ...(code === undefined ? {} : { code }) };
        fail(counts, failures, failure, outcome.cause);
        voice.failed(failure, { ...outcome, mirrors: copy.mirrors });
      }
    },
    close() {
      live.rest();
      const now = options.now();
      voice.failures(failures.splice(0));
      voice.summary(counts, figures, (now - started) / 1000);
      Object.assign(counts, { ...newCounts(), causes: counts.causes });
      counts.causes.length = 0;
      Object.assign(figures, newFigures());
      current.clear();
      started = now;
    },
  };
}

function newCounts(): Counts {
  return {
    planned: 0,
    size: { bytes: 0, pulls: 0 },
    copied: 0,
    upToDate: 0,
    skipped: 0,
    failed: 0,
    left: 0,
    putOff: 0,
    causes: [],
  };
}

function fail(counts: Counts, failures: Failure[], failure: Failure, cause: FailureCause | undefined): void {
  counts.failed += 1;
  counts.causes.push(cause);
  failures.push(failure);
}
