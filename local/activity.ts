/** Counts what is under way, so that somebody can wait until nothing is. */
export interface Activity {
  /** Something begins; what is returned is called once when it has ended. Begin what follows before ending what led to it. */
  begin(): () => void;
  readonly busy: number;
  /**
   * Resolves once nothing is under way.
   *
   * @throws Error when it takes longer than so many milliseconds.
   */
  idle(timeout: number): Promise<void>;
}

export function countActivity(): Activity {
  let busy = 0;
  let waiting: (() => void)[] = [];
  const end = () => {
    busy -= 1;
    if (busy > 0) return;
    const released = waiting;
    waiting = [];
    for (const release of released) release();
  };
  return {
    begin: () => {
      busy += 1;
      let ended = false;
      return () => {
        if (!ended) end();
        ended = true;
      };
    },
    get busy() {
      return busy;
    },
    idle: (timeout) =>
      new Promise((resolve, reject) => {
        if (busy === 0) return resolve();
        const timer = setTimeout(
          () => reject(new Error(`local stack: still busy with ${busy} after ${timeout} ms; a longer time would do`)),
          timeout,
        );
        waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}
