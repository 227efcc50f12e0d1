import { randomUUID } from 'node:crypto';
import { show } from '../../lib/model/invalid';
import { type EventPattern, makeEvent, readPattern } from '../events';
import type { LocalFunction } from '../lambda/function';
import type { Resolver, Resource } from '../template/resolver';
import { type Json, type JsonMap, listOf, mapOf, textOf } from '../template/value';

/** What wakes the functions of a template: its rules for events, its schedules. */
export interface Rules {
  /** Hands an event to the targets of every rule that it matches. */
  deliver(event: JsonMap): void;
  /** Every schedule, now. */
  runSchedules(): void;
}

interface Target {
  readonly pattern: EventPattern;
  send(event: JsonMap): void;
}

/** @throws Error for a rule whose target is no function here or whose input is transformed. */
export function makeRules(
  template: Resolver,
  target: (arn: string) => LocalFunction,
  account: string,
  region: string,
): Rules {
  const rules = template.ofType('AWS::Events::Rule').filter(({ properties }) => properties.State !== 'DISABLED');
  const matched = rules.filter(({ properties }) => properties.EventPattern !== undefined);
  const targets = matched.flatMap((rule) => targetsOf(rule, target));
  const schedules = template
    .ofType('AWS::Scheduler::Schedule')
    .map((schedule) => scheduled(schedule, target, account, region));
  const timed = rules
    .filter(({ properties }) => properties.ScheduleExpression !== undefined)
    .flatMap((rule) =>
      targetsOf(rule, target).map(
        ({ send }) =>
          () =>
            send(scheduleEvent('aws.events', rule, account, region)),
      ),
    );
  return {
    deliver: (event) => {
      for (const { pattern, send } of targets) if (pattern(event)) send(event);
    },
    runSchedules: () => {
      for (const run of [...schedules, ...timed]) run();
    },
  };
}

function targetsOf({ id, properties }: Resource, target: (arn: string) => LocalFunction): readonly Target[] {
  const pattern = readPattern(properties.EventPattern ?? {});
  return listOf(properties.Targets).map((item) => {
    const { Arn, Input, InputPath, InputTransformer } = mapOf(item);
    if (InputPath !== undefined || InputTransformer !== undefined) {
      throw new Error(`rule ${id}: got ${show(Object.keys(mapOf(item)))}; the local stack takes an Input or the event`);
    }
    const to = target(textOf(Arn) ?? '');
    const input = textOf(Input);
    return { pattern, send: (event) => to.invokeAsync(input === undefined ? event : (JSON.parse(input) as Json)) };
  });
}

function scheduled(
  schedule: Resource,
  target: (arn: string) => LocalFunction,
  account: string,
  region: string,
): () => void {
  const { Arn, Input } = mapOf(schedule.properties.Target);
  const to = target(textOf(Arn) ?? '');
  const input = textOf(Input);
  return () =>
    to.invokeAsync(
      input === undefined ? scheduleEvent('aws.scheduler', schedule, account, region) : (JSON.parse(input) as Json),
    );
}

function scheduleEvent(source: string, { attributes }: Resource, account: string, region: string): JsonMap {
  return makeEvent({
    source,
    detailType: 'Scheduled Event',
    detail: {},
    account,
    region,
    resources: [attributes.Arn ?? ''],
    id: randomUUID(),
    time: Date.now(),
  });
}
