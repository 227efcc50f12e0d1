import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { reason } from '../engine/errors';
import { DetailType, EVENT_SOURCE } from '../lib/model/announcement';
import { printable } from '../lib/model/invalid';
import type { Outcome } from '../lib/model/outcome';
import { formatReference, formatRepository, type Reference } from '../lib/model/reference';
import { awsFailure } from './errors';
import type { Log } from './log';
import { line } from './outcomes';

/** How a copy ended, as far as who tells it knows: of a job that ended without a word nobody knows how much it has sent. */
export interface Announced
  extends Pick<Outcome, 'destination' | 'state' | 'error' | 'cause' | 'code' | 'tag' | 'kept' | 'lacks'> {
  readonly source: Reference;
  readonly bytes?: number;
  readonly seconds?: number;
}

/** Tells the world how copies ended. Nothing depends on who listens: what cannot be told is logged. */
export type Announce = (outcomes: readonly Announced[], job: string) => Promise<void>;

/** Events that one request takes. */
const EVENTS_AT_ONCE = 10;

/** Puts an event on a bus for each outcome. */
export function eventAnnouncements(events: EventBridgeClient, bus: string, log: Log): Announce {
  return async (outcomes, job) => {
    for (let at = 0; at < outcomes.length; at += EVENTS_AT_ONCE) {
      try {
        await put(events, bus, outcomes.slice(at, at + EVENTS_AT_ONCE), job);
      } catch (error) {
        log('announcement-failed', { error: reason(error) });
      }
    }
  };
}

/** @throws EngineError when EventBridge did not take every one */
async function put(events: EventBridgeClient, bus: string, outcomes: readonly Announced[], job: string): Promise<void> {
  const Entries = outcomes.map((outcome) => ({
    EventBusName: bus,
    Source: EVENT_SOURCE,
    DetailType: outcome.state === 'Mirrored' ? DetailType.MIRRORED : DetailType.FAILED,
    Detail: JSON.stringify(detailOf(outcome, job)),
  }));
  try {
    const answer = await events.send(new PutEventsCommand({ Entries }));
    const refused = answer.Entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
    if (refused !== undefined) throw new Error(`${refused.ErrorCode}: ${refused.ErrorMessage ?? ''}`);
  } catch (cause) {
    throw awsFailure(`put event on ${bus}`, cause);
  }
}

/** Parts by themselves, so that a rule can match a repository or a tag. */
function detailOf(announced: Announced, job: string) {
  const { source, destination, state, bytes, seconds, error, cause, code, tag, kept, lacks } = announced;
  const place = (reference: Reference) => ({
    reference: formatReference(reference),
    repository: formatRepository(reference.repository),
    ...(reference.tag === undefined ? {} : { tag: reference.tag }),
    ...(reference.digest === undefined ? {} : { digest: reference.digest }),
  });
  return {
    state,
    source: place(source),
    destination: place(destination),
    ...(bytes === undefined ? {} : { bytes }),
    ...(seconds === undefined ? {} : { seconds }),
    job: printable(job),
    ...(tag === undefined ? {} : { tag }),
    ...(kept === undefined ? {} : { kept }),
    ...(lacks === undefined ? {} : { lacks: lacks.map(line) }),
    ...(error === undefined ? {} : { error: line(error) }),
    ...(cause === undefined ? {} : { cause }),
    ...(code === undefined ? {} : { code }),
  };
}
