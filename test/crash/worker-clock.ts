import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { type Clock, systemClock } from '../../engine/ports';

/** The time of this machine, which can be moved on, here and in every process that is given its `file`. */
export interface SharedClock extends Clock {
  readonly file: string;
  advance(seconds: number): void;
  remove(): void;
}

/** @param file is made, and removed at the end */
export function sharedClock(file: string): SharedClock {
  let ahead = 0;
  const write = () => {
    // Nobody reads half a number.
    writeFileSync(`${file}.new`, String(ahead));
    renameSync(`${file}.new`, file);
  };
  write();
  return {
    ...systemClock,
    file,
    now: () => systemClock.now() + ahead * 1000,
    advance: (seconds) => {
      ahead += seconds;
      write();
    },
    remove: () => rmSync(file),
  };
}
