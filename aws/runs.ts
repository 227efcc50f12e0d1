import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { SkipReason } from '../lib/model/copy';
import { CopyAttribute, RUN_ITEM } from '../lib/model/names';
import type { Table } from './items';

/** What one run covered and found: unchanged copies are counted here instead of being written one by one. */
export interface Run {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly finished: number;
  readonly trigger: string;
  readonly rows: number;
  /** Destinations that a job was submitted for. */
  readonly copies: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  readonly jobs: readonly string[];
  /** Another invocation does the rest, and writes an item of its own. @default false */
  readonly continued?: boolean;
  /** What went wrong beyond single rows. */
  readonly errors: readonly string[];
}

/** Seconds for which runs are kept. */
const LIFE = 30 * 24 * 3600;

/** Writes a run; a run that goes on in another invocation adds an item for each. */
export async function writeRun(table: Table, run: Run): Promise<void> {
  const started = new Date(run.started).toISOString();
  await table.documents.send(
    new PutCommand({
      TableName: table.name,
      Item: {
        [CopyAttribute.SOURCE]: RUN_ITEM,
        [CopyAttribute.DESTINATION]: `${started}#${run.id}`,
        Started: started,
        Finished: new Date(run.finished).toISOString(),
        Trigger: run.trigger,
        Rows: run.rows,
        Copies: run.copies,
        Skipped: run.skipped,
        Jobs: run.jobs,
        ...(run.continued === true ? { Continued: true } : {}),
        Errors: run.errors,
        [CopyAttribute.EXPIRES]: Math.floor(run.finished / 1000) + LIFE,
      },
    }),
  );
}
