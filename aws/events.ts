import { type Digest, isDigest } from '../lib/model/digest';
import type { JobCode } from '../lib/model/error-code';
import { InvalidValue, printable } from '../lib/model/invalid';
import { codeOfJob } from '../lib/model/job-code';
import { JobParameter, NO_VALUE } from '../lib/model/names';
import { isTag } from '../lib/model/reference';
import type { PushedImage } from '../lib/model/webhook';
import type { Cursor } from './mirror-table';
import { pushesIn } from './webhooks';

/** Why the controller was called. */
export type Trigger =
  | { readonly kind: 'schedule' }
  /** Rows by their `Source`, on somebody's request or because they were changed. */
  | {
      readonly kind: 'rows';
      readonly sources: readonly string[];
      readonly removed: readonly string[];
      readonly changed: boolean;
    }
  | { readonly kind: 'push'; readonly push: EcrPush }
  /** Images that registries say were pushed to them. */
  | { readonly kind: 'webhooks'; readonly pushes: readonly PushedImage[] }
  | { readonly kind: 'job-ended'; readonly job: JobEvent }
  | { readonly kind: 'queue-blocked'; readonly job: JobEvent }
  | { readonly kind: 'dry-run'; readonly sources?: readonly string[] }
  /** Whether what was mirrored is whole. @default - of all rows */
  | { readonly kind: 'verify'; readonly sources?: readonly string[] }
  | { readonly kind: 'continuation'; readonly continuation: Continuation }
  /** Nothing to do, and why. */
  | { readonly kind: 'ignored'; readonly because: string };

/** An image that came to a repository of Amazon ECR. */
export interface EcrPush {
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest?: Digest;
}

/** A job of AWS Batch, or a child of an array job. */
export interface JobEvent {
  readonly id: string;
  /** What it worked on: a plan, and of it one group, or all (an array job as a whole); else a mirror given by hand. */
  readonly work:
    | { readonly plan: string; readonly group: number | 'all' }
    | { readonly source: string; readonly dest: string }
    | undefined;
  /** One line for people: status reason, container reason, exit code. */
  readonly reason: string;
  /** What that is called, of a job that is over. */
  readonly code: JobCode;
}

/** Where an invocation that ran out of time left off. */
export interface Continuation {
  readonly cursor?: Cursor;
  /** Rows by their `Source` that are left to do. @default - all rows from the cursor on */
  readonly sources?: readonly string[];
  /** Invocations so far. */
  readonly hops: number;
  /** The run that goes on. */
  readonly run: string;
  /** Rows to take at once: fewer, when the last invocation did not get through its own. */
  readonly rows?: number;
  /** Whether the rows' own schedules count. */
  readonly onSchedule: boolean;
  /** What failed so far: the last invocation fails for it. @default - nothing */
  readonly errors?: readonly string[];
  /** Copies that are left to verify, at most. @default - copies are mirrored, and none is verified */
  readonly verify?: number;
}

/** What {@link parseEvent} takes, for messages. */
const TAKEN =
  'a schedule ({"trigger":"schedule"}), {"sources":["…"]}, {"dryRun":true}, {"verify":true}, an ECR push, a Batch event or stream records would do';

/**
 * An event as AWS, a person or this function itself sends it.
 *
 * @throws InvalidValue for anything else
 */
export function parseEvent(event: unknown): Trigger {
  if (!isMap(event)) throw new InvalidValue('event', event, TAKEN);
  if (Array.isArray(event.Records)) return parseRecords(event.Records);
  if ('detail-type' in event) return parseEventBridge(event);
  if ('continue' in event) return parseContinuation(event.continue);
  if ('dryRun' in event) return parseDryRun(event);
  if ('verify' in event) return parseVerify(event);
  if ('sources' in event) {
    return { kind: 'rows', sources: parseSources(event.sources), removed: [], changed: false };
  }
  if (Object.keys(event).length === 0 || event.trigger === 'schedule') return { kind: 'schedule' };
  throw new InvalidValue('event', event, TAKEN);
}

function parseDryRun(event: Event): Trigger {
  if (event.dryRun !== true) throw new InvalidValue('event dryRun', event.dryRun, 'true would do');
  return event.sources === undefined ? { kind: 'dry-run' } : { kind: 'dry-run', sources: parseSources(event.sources) };
}

function parseVerify(event: Event): Trigger {
  if (event.verify !== true) throw new InvalidValue('event verify', event.verify, 'true would do');
  return event.sources === undefined ? { kind: 'verify' } : { kind: 'verify', sources: parseSources(event.sources) };
}

function parseSources(sources: unknown): readonly string[] {
  if (Array.isArray(sources) && sources.length > 0 && sources.every((source) => isText(source))) return sources;
  throw new InvalidValue('event sources', sources, 'a list of rows by their Source would do');
}

function parseContinuation(value: unknown): Trigger {
  const sound = (count: unknown, least: number) => Number.isSafeInteger(count) && Number(count) >= least;
  if (
    !isMap(value) ||
    !isText(value.run) ||
    !sound(value.hops, 0) ||
    !sound(value.rows ?? 1, 1) ||
    !sound(value.verify ?? 1, 1)
  ) {
    throw new InvalidValue('event continue', value, 'what a previous invocation handed over would do');
  }
  return {
    kind: 'continuation',
    continuation: {
      hops: Number(value.hops),
      run: value.run,
      onSchedule: value.onSchedule !== false,
      ...(Array.isArray(value.sources) ? { sources: value.sources.filter(isText) } : {}),
      ...(isMap(value.cursor) ? { cursor: value.cursor } : {}),
      ...(typeof value.rows === 'number' ? { rows: value.rows } : {}),
      ...(typeof value.verify === 'number' ? { verify: value.verify } : {}),
      ...(Array.isArray(value.errors) ? { errors: value.errors.filter(isText) } : {}),
    },
  };
}

function parseEventBridge(event: Event): Trigger {
  const type = event['detail-type'];
  const detail = isMap(event.detail) ? event.detail : {};
  if (type === 'Scheduled Event') return { kind: 'schedule' };
  if (type === 'ECR Image Action') return parsePush(event, detail);
  if (type === 'Batch Job State Change') return parseJobState(detail);
  if (type === 'Batch Job Queue Blocked') return { kind: 'queue-blocked', job: parseJob(detail) };
  throw new InvalidValue('event detail-type', type, TAKEN);
}

/** Absent and empty tags are alike: a push by digest, such as the children of an index. */
function parsePush(event: Event, detail: Event): Trigger {
  const { 'repository-name': repository, 'image-tag': tag, 'image-digest': digest } = detail;
  if (detail['action-type'] !== 'PUSH' || detail.result !== 'SUCCESS') {
    return ignored(
      `an ECR image action that is no successful push (${text(detail['action-type'])}, ${text(detail.result)})`,
    );
  }
  if (tag === undefined || tag === '') return ignored('a push without a tag');
  if (!isText(event.account) || !isText(event.region) || !isText(repository) || !isText(tag) || !isTag(tag)) {
    return ignored('a push that does not name account, region, repository and tag');
  }
  return {
    kind: 'push',
    push: {
      account: event.account,
      region: event.region,
      repository,
      tag,
      ...(isDigest(digest) ? { digest } : {}),
    },
  };
}

function parseJobState(detail: Event): Trigger {
  if (detail.status !== 'FAILED') return ignored(`a job that is ${text(detail.status)}`);
  return { kind: 'job-ended', job: parseJob(detail) };
}

function parseJob(detail: Event): JobEvent {
  const id = isText(detail.jobId) ? detail.jobId : '';
  const reason = jobReason(detail);
  return { id, work: parseWork(detail, id), reason, code: codeOfJob(reason) };
}

function parseWork(detail: Event, id: string): JobEvent['work'] {
  const parameters = isMap(detail.parameters) ? detail.parameters : {};
  const plan = given(parameters[JobParameter.PLAN]);
  if (plan !== undefined) return { plan, group: groupOf(detail, id) };
  const source = given(parameters[JobParameter.SOURCE]);
  const dest = given(parameters[JobParameter.DEST]);
  return source === undefined || dest === undefined ? undefined : { source, dest };
}

/** A child is `<parent>:<index>`; the parent of an array stands for all its groups; a plain job is group 0. */
function groupOf(detail: Event, id: string): number | 'all' {
  const array = isMap(detail.arrayProperties) ? detail.arrayProperties : {};
  if (typeof array.index === 'number') return array.index;
  const index = /:(\d{1,5})$/.exec(id)?.[1];
  if (index !== undefined) return Number(index);
  return typeof array.size === 'number' ? 'all' : 0;
}

function given(value: unknown): string | undefined {
  return isText(value) && value !== NO_VALUE && !value.startsWith('Ref::') ? value : undefined;
}

function jobReason(detail: Event): string {
  const container = isMap(detail.container) ? detail.container : {};
  const parts = [
    isText(detail.statusReason) ? detail.statusReason : '',
    isText(container.reason) ? container.reason : '',
    typeof container.exitCode === 'number' ? `exit code ${container.exitCode}` : '',
  ].filter((part) => part !== '');
  return printable(parts.join('; ') || 'AWS Batch gave no reason');
}

/** Records of a stream: webhooks; or rows that were written, and rows that are gone. The last record of a row counts. */
function parseRecords(records: readonly unknown[]): Trigger {
  const pushes = records.flatMap((record) => pushesIn(record) ?? []);
  if (pushes.length > 0) return { kind: 'webhooks', pushes };
  const rows = new Map<string, 'written' | 'removed'>();
  for (const record of records) {
    const source = streamKey(record);
    if (source !== undefined) rows.set(source, (record as Event).eventName === 'REMOVE' ? 'removed' : 'written');
  }
  if (rows.size === 0) return ignored('records that name no row');
  const those = (kind: string) => [...rows].flatMap(([source, what]) => (what === kind ? [source] : []));
  return { kind: 'rows', sources: those('written'), removed: those('removed'), changed: true };
}

function streamKey(record: unknown): string | undefined {
  const change = isMap(record) && isMap(record.dynamodb) ? record.dynamodb : {};
  const key = isMap(change.Keys) && isMap(change.Keys.Source) ? change.Keys.Source.S : undefined;
  return isText(key) ? key : undefined;
}

function ignored(because: string): Trigger {
  return { kind: 'ignored', because };
}

type Event = Record<string, unknown>;

function isMap(value: unknown): value is Event {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function text(value: unknown): string {
  return isText(value) ? printable(value).slice(0, 60) : 'nothing';
}
