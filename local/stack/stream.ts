import { randomUUID } from 'node:crypto';
import type { Activity } from '../activity';
import type { Change } from '../aws/dynamodb';
import { type EventPattern, readPattern } from '../events';
import type { LocalFunction } from '../lambda/function';
import type { Resource } from '../template/resolver';
import { type JsonMap, listOf, mapOf, numberOf, textOf } from '../template/value';

/** An event source mapping from a table's stream to a function. */
export interface StreamMapping {
  readonly streamArn: string;
  push(change: Change): void;
}

export interface StreamMappingOptions {
  readonly region: string;
  readonly target: (arn: string) => LocalFunction;
  /** Milliseconds for which records are gathered. @default 200, whatever the mapping says */
  readonly window?: number;
  readonly activity: Activity;
}

const WINDOW = 200;
const BATCH_SIZE = 100;
const RETRIES = 3;

/**
 * Not built: bisecting a failing batch, the age of records, destinations; a batch that fails is tried again as a whole and
 * then given up.
 */
export function makeStreamMapping({ properties }: Resource, options: StreamMappingOptions): StreamMapping {
  const filters = readFilters(properties);
  const size = numberOf(properties.BatchSize) ?? BATCH_SIZE;
  const retries = Math.min(numberOf(properties.MaximumRetryAttempts) ?? RETRIES, RETRIES);
  const streamArn = textOf(properties.EventSourceArn) ?? '';
  const target = options.target(textOf(properties.FunctionName) ?? '');
  let gathered: JsonMap[] = [];
  let last: Promise<void> = Promise.resolve();
  let sequence = 0;

  const send = async (records: readonly JsonMap[]): Promise<void> => {
    for (let attempt = 0; attempt <= retries; attempt += 1) {
      const invocation = await target.invoke({ Records: records });
      if ('result' in invocation) return;
    }
  };
  const flush = async (records: readonly JsonMap[]): Promise<void> => {
    for (let at = 0; at < records.length; at += size) await send(records.slice(at, at + size));
  };
  const start = () => {
    const done = options.activity.begin();
    setTimeout(() => {
      const records = gathered;
      gathered = [];
      last = last.then(() => flush(records)).finally(done);
    }, options.window ?? WINDOW);
  };

  return {
    streamArn,
    push: (change) => {
      sequence += 1;
      const record = recordOf(change, streamArn, options.region, sequence);
      if (filters.length > 0 && !filters.some((matches) => matches(record))) return;
      if (gathered.length === 0) start();
      gathered.push(record);
    },
  };
}

function readFilters(properties: JsonMap): readonly EventPattern[] {
  return listOf(mapOf(properties.FilterCriteria).Filters).map((filter) =>
    readPattern(JSON.parse(textOf(mapOf(filter).Pattern) ?? '{}')),
  );
}

/** A record as a stream of both images has it. */
function recordOf({ keys, before, after }: Change, streamArn: string, awsRegion: string, sequence: number): JsonMap {
  return {
    eventID: randomUUID().replaceAll('-', ''),
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion,
    eventSourceARN: streamArn,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
      Keys: keys,
      ...(after === undefined ? {} : { NewImage: after }),
      ...(before === undefined ? {} : { OldImage: before }),
      SequenceNumber: String(sequence).padStart(21, '0'),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
}
