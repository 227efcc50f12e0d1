import type { Copy, Skipped } from '../lib/model/copy';
import type { ErrorCode } from '../lib/model/error-code';
import { printable } from '../lib/model/invalid';
import type { FailureCause, Outcome } from '../lib/model/outcome';
import { formatPlatform } from '../lib/model/platform';
import type { Price } from '../lib/model/price';
import { formatReference, type Reference } from '../lib/model/reference';
import { codeOfSkipped } from '../lib/model/skip-code';
import type { Figures } from '../terminal/figures';
import type { Failure, Tally } from '../terminal/summary';
import type { ImageSize } from './image-size';
import type { Io } from './io';
import { tellJsonLine } from './json-line';

/** How images ended, and why those that failed did. */
export interface Counts extends Tally {
  /** Of a plan: what would be copied, and how much that is where sizes were asked for. */
  planned: number;
  size: ImageSize;
  copied: number;
  upToDate: number;
  skipped: number;
  failed: number;
  /** Not done, because the run was told to stop. */
  left: number;
  /** Of those that were skipped: their sources let nothing more be pulled for now. */
  putOff: number;
  readonly causes: (FailureCause | undefined)[];
}

/** How things are told, to people or to machines. */
export interface Voice {
  warn(what: string, message: string): void;
  trouble(message: string, code?: ErrorCode): void;
  planned(copy: Copy, size?: ImageSize): void;
  priced(price: Price): void;
  copied(copy: Copy, outcome: Outcome): void;
  skipped(skipped: Skipped): void;
  failed(failure: Failure, about: Skipped | (Outcome & { readonly mirrors: readonly string[] })): void;
  /** What failed, unless that was told when it did. */
  failures(failures: readonly Failure[]): void;
  summary(counts: Counts, figures: Figures, seconds: number): void;
}

export interface VoiceOptions {
  readonly quiet: boolean;
  /** @default false */
  readonly planning?: boolean;
  /** What is under way is shown: failures wait for the closing lines, and what is up to date needs none. @default false */
  readonly hasBars?: boolean;
}

export function jsonVoice(io: Io, { planning }: Pick<VoiceOptions, 'planning'> = {}): Voice {
  const tell = (event: string, fields: object) => tellJsonLine(io, event, fields);
  return {
    warn: (about, message) => tell('warning', { about, message }),
    trouble: (error, code) => tell('error', { error, code }),
    planned({ source, mirrors, destinations }, size) {
      for (const { reference, why } of destinations) {
        tell('copy', { ...places(source, reference), digest: source.digest, why, mirrors, ...size });
      }
    },
    priced: (price) => tell('price', price),
    copied: ({ mirrors }, { source, destination, tag, kept, platforms, bytes, seconds, ...held }) => {
      const part = { digest: held.digest ?? source.digest, platforms: platforms?.map(formatPlatform) };
      tell('copied', { ...places(source, destination), ...part, tag, kept, mirrors, bytes, seconds });
    },
    skipped(skipped) {
      const { mirror, source, destination, reason, detail } = skipped;
      tell('skipped', { mirror, ...places(source, destination), reason, detail, code: codeOfSkipped(skipped) });
    },
    failed({ error, code }, about) {
      const { source, destination, cause } = about;
      const rest =
        'mirror' in about
          ? { mirror: about.mirror, reason: about.reason }
          : { mirrors: about.mirrors, reason: FAILURES[about.state] };
      tell('failed', { ...places(source, destination), ...rest, error: printable(error), code, cause });
    },
    failures: () => undefined,
    summary({ planned, copied, upToDate, skipped, failed, left, putOff }, figures, seconds) {
      tell('summary', {
        ...(planning === true ? { planned } : {}),
        copied,
        upToDate,
        skipped,
        failed,
        left,
        putOff,
        ...figures,
        seconds,
      });
    },
  };
}

function places(source?: Reference, destination?: Reference) {
  const text = (reference?: Reference) => (reference === undefined ? undefined : formatReference(reference));
  return { source: text(source), destination: text(destination) };
}

const FAILURES: Readonly<Record<Outcome['state'], string | undefined>> = {
  Mirrored: undefined,
  Failed: 'copy-failed',
  Conflict: 'conflict',
  Quarantined: 'quarantined',
};

/** A row, image or destination that was left alone because something failed. */
export function failureOfSkipped(skipped: Skipped): Failure {
  const { detail, reason } = skipped;
  const code = codeOfSkipped(skipped);
  return { what: nameOf(skipped), error: detail ?? reason, ...(code === undefined ? {} : { code }) };
}

/** What a skipped thing is called: the nearest to what was wanted. */
export function nameOf({ destination, source, mirror }: Skipped): string {
  const reference = destination ?? source;
  return reference === undefined ? mirror : formatReference(reference);
}
