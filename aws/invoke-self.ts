import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { awsFailure } from './errors';

/** Starts another invocation of a function and does not wait for it. An asynchronous payload holds 1 MB. */
export async function invokeLater(lambda: LambdaClient, functionName: string, event: unknown): Promise<void> {
  try {
    await lambda.send(
      new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'Event',
        Payload: new TextEncoder().encode(JSON.stringify(event)),
      }),
    );
  } catch (cause) {
    throw awsFailure(`invoke ${functionName}`, cause);
  }
}
