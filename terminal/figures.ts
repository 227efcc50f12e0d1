import type { Observer } from '../engine/ports';

/** What a run has moved, saved and asked, so far. Bytes are bytes of blobs and manifests. */
export interface Figures {
  /** Received from and sent to registries. */
  received: number;
  sent: number;
  /** Not moved, because the destination had it or took it over from another of its repositories. */
  saved: number;
  requests: number;
  retries: number;
}

export function newFigures(): Figures {
  return { received: 0, sent: 0, saved: 0, requests: 0, retries: 0 };
}

/** An observer that keeps the figures. */
export function countInto(figures: Figures): Observer {
  return {
    request: () => {
      figures.requests += 1;
    },
    bytes: ({ direction, bytes }) => {
      figures[direction] += bytes;
    },
    copy: ({ step, bytes }) => {
      if (step === 'skipped' || step === 'mounted') figures.saved += bytes;
    },
    retry: () => {
      figures.retries += 1;
    },
  };
}

/** One observer that tells several. */
export function tellAll(...observers: readonly (Observer | undefined)[]): Observer {
  return {
    request: (event) => {
      for (const observer of observers) observer?.request?.(event);
    },
    bytes: (event) => {
      for (const observer of observers) observer?.bytes?.(event);
    },
    copy: (event) => {
      for (const observer of observers) observer?.copy?.(event);
    },
    retry: (event) => {
      for (const observer of observers) observer?.retry?.(event);
    },
  };
}
