import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { awsFailure } from './errors';

/** What a function returned, or the message of the error that ended it. */
export type Returned = { readonly result: unknown } | { readonly error: string };

/** Invokes a function and waits for its end: the client's idle time-out must be longer than the function's own. */
export async function invokeAndWait(lambda: LambdaClient, functionName: string, event: unknown): Promise<Returned> {
  try {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: new TextEncoder().encode(JSON.stringify(event)) }),
    );
    const result: unknown = JSON.parse(new TextDecoder().decode(Payload) || 'null');
    if (FunctionError === undefined) return { result };
    const { errorMessage } = (result ?? {}) as { readonly errorMessage?: unknown };
    return { error: typeof errorMessage === 'string' ? errorMessage : FunctionError };
  } catch (cause) {
    throw awsFailure(`invoke ${functionName}`, cause);
  }
}
