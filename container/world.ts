import type { Announce } from '../aws/announcements';
import type { Table } from '../aws/items';
import type { Log } from '../aws/log';
import type { Metrics } from '../aws/metrics';
import type { Stores } from '../engine/content';
import type { CopyOptions } from '../engine/copy';
import type { Clock, Observer } from '../engine/ports';
import type { MirrorSettings } from '../lib/model/settings';

/** What the worker works with. */
export interface World {
  readonly copies: Table;
  readonly settings: MirrorSettings;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly observer?: Observer;
  readonly log: Log;
  /** @default - figures are not wanted */
  readonly metrics?: Metrics;
  /** @default - nobody is told how copies end */
  readonly announce?: Announce;
  /** @default - nobody can verify: a copy that requires a signature fails */
  readonly verifySignature?: CopyOptions['verifySignature'];
  /** The job that this is, in the table and to whoever looks for it. */
  readonly job: string;
  /** Aborted when the worker is told to stop. */
  readonly signal: AbortSignal;
  /** Milliseconds between renewals of its leases. @default 60000 */
  readonly renewal?: number;
}
