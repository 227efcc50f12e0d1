import { randomUUID } from 'node:crypto';
import { show } from '../../lib/model/invalid';
import type { Activity } from '../activity';
import { AwsError } from '../aws/error';
import type { Invocation } from '../lambda/environment';
import type { LocalFunction } from '../lambda/function';
import { pause } from '../pause';
import type { Resolver, Resource } from '../template/resolver';
import { type Json, type JsonMap, listOf, mapOf, numberOf, textOf } from '../template/value';

/** The state machines of a template. */
export interface StateMachines {
  /** Starts an execution. @returns its ARN. @throws AwsError StateMachineDoesNotExist */
  start(arn: string, input: Json): string;
  /** No further state is entered, no task tried again. */
  stop(): void;
}

export interface StateMachinesOptions {
  readonly template: Resolver;
  readonly target: (arn: string) => LocalFunction;
  /** Milliseconds that a second between two tries lasts. @default 1000 */
  readonly second?: number;
  readonly activity: Activity;
}

/** States that one execution may enter. */
const MOST_STATES = 1000;

/**
 * Amazon States Language as CDK's provider framework uses it: tasks that are functions, tried again and caught on `States.ALL`.
 * Not built: every other kind of state, paths and expressions, time-outs, histories.
 *
 * @throws Error when an execution begins of a machine that holds anything else
 */
export function makeStateMachines(options: StateMachinesOptions): StateMachines {
  const stopping = new AbortController();
  return {
    start: (arn, input) => {
      const machine = options.template.ofType('AWS::StepFunctions::StateMachine').find(({ ref }) => ref === arn);
      if (machine === undefined) {
        throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: ${show(arn)}`);
      }
      const { StartAt, States } = mapOf(JSON.parse(textOf(machine.properties.DefinitionString) ?? '{}'));
      const states = Object.entries(mapOf(States)).map(
        ([name, state]) => [name, readTask(name, machine, state)] as const,
      );
      const execution = { states: new Map(states), first: textOf(StartAt), input };
      void execute(execution, options, stopping.signal).finally(options.activity.begin());
      return `${arn.replace(':stateMachine:', ':execution:')}:${randomUUID()}`;
    },
    stop: () => stopping.abort(),
  };
}

interface Task {
  readonly resource: string;
  readonly next?: string;
  /** Further tries, seconds before the first, by how much more before each after it. */
  readonly retries: number;
  readonly interval: number;
  readonly backoff: number;
  readonly caught?: string;
}

/** Defaults are those of the language. */
function readTask(name: string, { id }: Resource, value: Json): Task {
  const { Type, Resource: resource, Retry, Catch, Next } = mapOf(value);
  const [retry, ...moreRetries] = listOf(Retry).map(mapOf);
  const [caught, ...moreCatches] = listOf(Catch).map(mapOf);
  const errors = [retry, caught].flatMap((one) => (one === undefined ? [] : listOf(one.ErrorEquals)));
  const more = moreRetries.length + moreCatches.length;
  if (Type !== 'Task' || more > 0 || errors.some((error) => error !== 'States.ALL')) {
    throw new Error(`state machine ${id}: got the state ${show(name)}; a task with States.ALL would do`);
  }
  const next = textOf(Next);
  const way = textOf(caught?.Next);
  return {
    resource: textOf(resource) ?? '',
    retries: retry === undefined ? 0 : (numberOf(retry.MaxAttempts) ?? 3),
    interval: numberOf(retry?.IntervalSeconds) ?? 1,
    backoff: numberOf(retry?.BackoffRate) ?? 2,
    ...(next === undefined ? {} : { next }),
    ...(way === undefined ? {} : { caught: way }),
  };
}

interface Execution {
  readonly states: ReadonlyMap<string, Task>;
  readonly first?: string | undefined;
  readonly input: Json;
}

async function execute(execution: Execution, options: StateMachinesOptions, signal: AbortSignal): Promise<void> {
  let name = execution.first;
  let input = execution.input;
  for (let entered = 0; name !== undefined && entered < MOST_STATES && !signal.aborted; entered += 1) {
    const task = execution.states.get(name);
    if (task === undefined) return;
    const invocation = await attempt(task, input, options, signal);
    if ('result' in invocation) {
      input = invocation.result;
      name = task.next;
    } else {
      input = caught(invocation.error);
      name = task.caught;
    }
  }
}

async function attempt(
  task: Task,
  input: Json,
  { target, second = 1000 }: StateMachinesOptions,
  signal: AbortSignal,
): Promise<Invocation> {
  const lambda = target(task.resource);
  for (let tries = 0; ; tries += 1) {
    const last = tries >= task.retries || signal.aborted;
    const invocation = await lambda.invoke(input, last && task.caught === undefined);
    if (last || 'result' in invocation) return invocation;
    await pause(task.interval * task.backoff ** tries * second, signal);
  }
}

/** What the state gets that catches an error. */
function caught(error: { readonly errorType: string }): JsonMap {
  return { Error: error.errorType, Cause: JSON.stringify(error) };
}
