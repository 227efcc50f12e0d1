import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readLines } from '../process/container';
import type { Json } from '../template/value';

/** What of a function its execution environments need. */
export interface FunctionCode {
  readonly name: string;
  readonly arn: string;
  /** The file that holds the handler, and the name it is exported under. */
  readonly file: string;
  readonly handler: string;
  /** All that the handler sees of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** MiB. */
  readonly memory: number;
  /** Milliseconds that one invocation may take. */
  readonly timeout: number;
}

/** How one invocation ended: with a result, or as Lambda describes an error of the function. */
export type Invocation =
  | { readonly requestId: string; readonly result: Json }
  | { readonly requestId: string; readonly error: FunctionError };

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** A process with the handler loaded; it takes one event at a time. */
export interface Environment {
  readonly alive: boolean;
  invoke(event: Json, requestId?: string): Promise<Invocation>;
  stop(): Promise<void>;
}

const BOOTSTRAP = join(__dirname, '..', 'process', 'function.cjs');

export function startEnvironment(code: FunctionCode, onLine?: (line: string) => void): Environment {
  const child = fork(BOOTSTRAP, [code.file, code.handler], {
    env: { ...code.environment },
    execArgv: [`--max-old-space-size=${Math.floor(code.memory * 0.9)}`],
    serialization: 'json',
    silent: true,
  });
  readLines(child.stdout, onLine);
  readLines(child.stderr, onLine);
  let alive = true;
  const gone = new Promise<void>((resolve) => {
    const leave = () => {
      alive = false;
      resolve();
    };
    child.once('close', leave);
    child.once('error', leave);
  });
  return {
    get alive() {
      return alive && !child.killed;
    },
    invoke: (event, requestId = randomUUID()) => invoke(code, child, gone, event, requestId),
    stop: () => {
      child.kill('SIGKILL');
      return gone;
    },
  };
}

interface Reply {
  readonly id?: string;
  readonly result?: Json;
  readonly error?: FunctionError;
}

function invoke(
  code: FunctionCode,
  child: ChildProcess,
  gone: Promise<void>,
  event: Json,
  requestId: string,
): Promise<Invocation> {
  return new Promise((resolve) => {
    const end = (invocation: Invocation) => {
      clearTimeout(timer);
      child.off('message', receive);
      resolve(invocation);
    };
    const fail = (errorType: string, errorMessage: string) =>
      end({ requestId, error: { errorType, errorMessage: `RequestId: ${requestId} Error: ${errorMessage}` } });
    const receive = (reply: Reply) => {
      if (reply.id !== requestId) return;
      end(reply.error === undefined ? { requestId, result: reply.result ?? null } : { requestId, error: reply.error });
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('Sandbox.Timedout', `Task timed out after ${(code.timeout / 1000).toFixed(2)} seconds`);
    }, code.timeout);
    void gone.then(() => fail('Runtime.ExitError', 'Runtime exited before it had answered'));
    child.on('message', receive);
    child.send(
      { id: requestId, event, context: contextOf(code, requestId), deadline: Date.now() + code.timeout },
      (error) => error && fail('Runtime.ExitError', error.message),
    );
  });
}

function contextOf(code: FunctionCode, awsRequestId: string): Readonly<Record<string, Json>> {
  return {
    awsRequestId,
    functionName: code.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: code.arn,
    memoryLimitInMB: String(code.memory),
    logGroupName: `/aws/lambda/${code.name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
  };
}
