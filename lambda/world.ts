import type { Announce } from '../aws/announcements';
import type { AwsClients } from '../aws/clients';
import type { Table } from '../aws/items';
import type { JobTarget } from '../aws/jobs';
import type { Log } from '../aws/log';
import type { Metrics } from '../aws/metrics';
import type { Stores } from '../engine/content';
import type { Clock } from '../engine/ports';
import type { Pulls } from '../engine/pulls';
import type { MirrorSettings } from '../lib/model/settings';

/** What the controller works with: made from its environment, once for each invocation. */
export interface World {
  readonly clients: AwsClients;
  readonly mirrors: Table;
  readonly copies: Table;
  readonly settings: MirrorSettings;
  readonly stores: Stores;
  /** What sources let be pulled. @default - nobody counts */
  readonly pulls?: Pulls;
  readonly jobs: JobTarget;
  readonly functionName: string;
  readonly clock: Clock;
  readonly log: Log;
  /** @default - figures are not wanted */
  readonly metrics?: Metrics;
  /** @default - nobody is told */
  readonly announce?: Announce;
  /** Milliseconds until this invocation is ended. */
  readonly remaining: () => number;
  /** Somebody asked for just these rows: what is in quarantine is tried again now. @default false */
  readonly insists?: boolean;
  /** Rows planned at once: what is held in memory. @default 10000 */
  readonly rowsAtOnce?: number;
}
