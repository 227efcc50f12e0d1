import type { Clock } from '../engine/ports';
import type { Output } from '../terminal/output';

/** The command's surroundings: the process's own, or a test's. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What relative paths are relative to. */
  readonly cwd: string;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal?: AbortSignal;
  /** @default - the machine's clock */
  readonly clock?: Clock;
  /** Called when the command has ended, however it did, before it is said why. @default - nothing waits for that */
  readonly atEnd?: (() => void)[];
}
