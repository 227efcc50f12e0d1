import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DetailType, EVENT_SOURCE } from '../lib/model/announcement';
import { printable } from '../lib/model/invalid';
import type { Outcome } from '../lib/model/outcome';
import { formatReference, formatRepository } from '../lib/model/reference';
import { awsFailure } from './errors';
import { line } from './outcomes';

/** Tells the world how a copy ended. */
export type Announce = (outcome: Outcome, job: string) => Promise<void>;

/** Puts an event on a bus for each outcome. @throws EngineError when EventBridge did not take it */
export function eventAnnouncements(events: EventBridgeClient, bus: string): Announce {
  return async (outcome, job) => {
    const entry = {
      EventBusName: bus,
      Source: EVENT_SOURCE,
      DetailType: outcome.state === 'Mirrored' ? DetailType.MIRRORED : DetailType.FAILED,
      Detail: JSON.stringify(detailOf(outcome, job)),
    };
    try {
      const answer = await events.send(new PutEventsCommand({ Entries: [entry] }));
      const refused = answer.Entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
      if (refused !== undefined) throw new Error(`${refused.ErrorCode}: ${refused.ErrorMessage ?? ''}`);
    } catch (cause) {
      throw awsFailure(`put event on ${bus}`, cause);
    }
  };
}

/** Parts by themselves, so that a rule can match a repository or a tag. */
function detailOf({ source, destination, state, bytes, seconds, error, cause }: Outcome, job: string) {
  const place = (reference: Outcome['destination']) => ({
    reference: formatReference(reference),
    repository: formatRepository(reference.repository),
    ...(reference.tag === undefined ? {} : { tag: reference.tag }),
  });
  return {
    state,
    source: { ...place(source), digest: source.digest },
    destination: place(destination),
    bytes,
    seconds,
    job: printable(job),
    ...(error === undefined ? {} : { error: line(error) }),
    ...(cause === undefined ? {} : { cause }),
  };
}
