import { randomUUID } from 'node:crypto';
import type { Activity } from '../activity';
import { AwsError } from '../aws/error';
import { pause } from '../pause';
import type { Json } from '../template/value';
import { type Environment, type FunctionCode, type Invocation, startEnvironment } from './environment';

/**
 * A Lambda function on this machine: execution environments are processes, kept warm and used for one event at a time.
 * Not built: versions and aliases, destinations and dead-letter queues, reserved concurrency, the detection of
 * recursive loops.
 */
export interface LocalFunction {
  readonly name: string;
  readonly arn: string;
  /**
   * Waits for the result.
   *
   * @param final whether nobody tries again when it fails. @default true
   * @throws AwsError RequestTooLargeException
   */
  invoke(event: Json, final?: boolean): Promise<Invocation>;
  /** As an event: queued, tried again when the function fails; given up after that. @throws AwsError as above */
  invokeAsync(event: Json): void;
  stop(): Promise<void>;
}

export interface FunctionOptions extends FunctionCode {
  /** What the platform puts into the environment beside `environment`: it does not count. */
  readonly surroundings?: Readonly<Record<string, string>>;
  /** Environments at once. @default 2 */
  readonly concurrency?: number;
  /** Milliseconds before each further try of an event. @default [60000, 120000], as Lambda's */
  readonly retryDelays?: readonly number[];
  readonly activity: Activity;
  readonly onLine?: (line: string) => void;
  /** An invocation ended; `final` unless it will be tried again. */
  readonly onInvocation?: (event: Json, invocation: Invocation, final: boolean) => void;
}

const LARGEST_SYNC = 6 * 1024 * 1024;
const LARGEST_ASYNC = 1024 * 1024;
const LARGEST_ENVIRONMENT = 4096;
/** @throws AwsError InvalidParameterValueException when the environment is larger than Lambda takes. */
export function makeFunction(options: FunctionOptions): LocalFunction {
  checkEnvironment(options);
  const retryDelays = options.retryDelays ?? [60_000, 120_000];
  const pool = makePool(options);
  const stopping = new AbortController();

  const attempt = async (event: Json, requestId?: string): Promise<Invocation> => {
    const environment = await pool.take();
    if (environment === undefined) return { requestId: requestId ?? randomUUID(), error: STOPPED };
    return environment.invoke(event, requestId).finally(() => pool.giveBack(environment));
  };
  const untilDone = async (event: Json): Promise<void> => {
    let requestId: string | undefined;
    for (const delay of [...retryDelays, undefined]) {
      if (stopping.signal.aborted) return;
      const invocation = await attempt(event, requestId);
      const final = delay === undefined || 'result' in invocation;
      options.onInvocation?.(event, invocation, final);
      if (final) return;
      requestId = invocation.requestId;
      await pause(delay, stopping.signal);
    }
  };

  return {
    name: options.name,
    arn: options.arn,
    invoke: async (event, final = true) => {
      checkPayload(event, LARGEST_SYNC);
      const done = options.activity.begin();
      try {
        const invocation = await attempt(event);
        options.onInvocation?.(event, invocation, final);
        return invocation;
      } finally {
        done();
      }
    },
    invokeAsync: (event) => {
      checkPayload(event, LARGEST_ASYNC);
      void untilDone(event).finally(options.activity.begin());
    },
    stop: async () => {
      stopping.abort();
      await pool.stop();
    },
  };
}

/** What an invocation is answered that comes when no more environments are started. */
const STOPPED = { errorType: 'Runtime.Stopped', errorMessage: 'the local stack was stopped' };

interface Pool {
  /** Undefined once the pool is stopped. */
  take(): Promise<Environment | undefined>;
  giveBack(environment: Environment): void;
  stop(): Promise<void>;
}

function makePool(options: FunctionOptions): Pool {
  const all = new Set<Environment>();
  const free: Environment[] = [];
  const waiting: ((environment?: Environment) => void)[] = [];
  let stopped = false;
  const code = { ...options, environment: { ...options.surroundings, ...options.environment } };
  const start = () => {
    const environment = startEnvironment(code, options.onLine);
    all.add(environment);
    return environment;
  };
  return {
    take: async () => {
      if (stopped) return undefined;
      const warm = free.pop();
      if (warm !== undefined) return warm;
      if (all.size < (options.concurrency ?? 2)) return start();
      return new Promise((resolve) => waiting.push(resolve));
    },
    giveBack: (environment) => {
      if (!environment.alive) all.delete(environment);
      if (stopped) return;
      const next = waiting.shift();
      if (next !== undefined) next(environment.alive ? environment : start());
      else if (environment.alive) free.push(environment);
    },
    stop: async () => {
      stopped = true;
      for (const next of waiting.splice(0)) next();
      await Promise.all([...all].map((environment) => environment.stop()));
    },
  };
}

function checkPayload(event: Json, most: number): void {
  const bytes = Buffer.byteLength(JSON.stringify(event));
  if (bytes <= most) return;
  throw new AwsError('RequestTooLargeException', `Invoke: payload: got ${bytes} bytes; at most ${most} would do`, 413);
}

function checkEnvironment({ name, environment }: FunctionOptions): void {
  const bytes = Buffer.byteLength(JSON.stringify(environment));
  if (bytes <= LARGEST_ENVIRONMENT) return;
  throw new AwsError(
    'InvalidParameterValueException',
    `function ${name}: environment: got ${bytes} bytes; at most ${LARGEST_ENVIRONMENT} would do`,
  );
}
