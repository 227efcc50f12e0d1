import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reason } from '../../engine/errors';
import { inspect } from '../canary';
import type { Json } from '../template/value';
import { AwsError } from './error';
import { KEPT } from './kept';
import { type Answer, type AwsCall, type AwsReply, type Protocol, readCall, writeAnswer, writeError } from './protocol';

/** Answers the calls of one AWS service. @throws AwsError, which is what the caller gets. */
export type Service = (call: AwsCall) => Answer | Promise<Answer>;

/** A call that was answered: what the policies of whoever made it have to allow. */
export interface RecordedCall {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly input: Json;
  /** Code of the error it was answered with. @default - none */
  readonly error?: string;
}

export interface AwsEndpoint {
  readonly url: string;
  /** The newest calls, oldest first. */
  readonly calls: readonly RecordedCall[];
  /** `service operation` of each call that nothing here answers. */
  readonly unknown: readonly string[];
  close(): Promise<void>;
}

const LARGEST_BODY = 16 * 1024 * 1024;
const MOST_RECORDED = 50_000;

/**
 * One address for all of AWS, for `AWS_ENDPOINT_URL`. What is not among the services is answered as AWS answers nonsense.
 *
 * @param services by the name that requests are signed for; may be added to later
 */
export async function startAwsEndpoint(services: Readonly<Record<string, Service>>): Promise<AwsEndpoint> {
  const calls: RecordedCall[] = [];
  const unknown: string[] = [];

  const answer = async (message: IncomingMessage): Promise<AwsReply> => {
    let protocol: Protocol = 'json';
    try {
      const body = await readBody(message);
      inspectCall(message, body);
      const call = readCall({
        method: message.method ?? '',
        path: message.url ?? '',
        headers: message.headers,
        body,
      });
      protocol = call.protocol;
      return await serve(call);
    } catch (error) {
      const known = error instanceof AwsError ? error : new AwsError('InternalFailure', reason(error), 500);
      if (known.code === 'UnknownOperationException') unknown.push(known.message);
      return writeError(protocol, known);
    }
  };
  const serve = async (call: AwsCall): Promise<AwsReply> => {
    const service = services[call.service];
    const { service: name, operation, region, accessKeyId, input } = call;
    const record = (error?: string) => {
      if (calls.length === MOST_RECORDED) calls.shift();
      calls.push({ service: name, operation, region, accessKeyId, input, ...(error === undefined ? {} : { error }) });
    };
    try {
      if (service === undefined) throw unknownOperation(call);
      const reply = writeAnswer(call, await service(call));
      record();
      return reply;
    } catch (error) {
      record(error instanceof AwsError ? error.code : 'InternalFailure');
      throw error;
    }
  };

  const server = createServer((message, response) => {
    void answer(message).then(({ status, headers, body }) => {
      response.writeHead(status, { ...headers, 'x-amzn-requestid': 'local' });
      response.end(body);
    });
  });
  server.keepAliveTimeout = KEPT;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    unknown,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The answer to a call that a service does not know. */
export function unknownOperation({ service, operation }: Pick<AwsCall, 'service' | 'operation'>): AwsError {
  return new AwsError('UnknownOperationException', `${service} ${operation}`);
}

/** No call of an AWS API has a secret in it but the session token: what is written to tables and sent as events is here. */
function inspectCall({ method, url, headers }: IncomingMessage, body: Buffer): void {
  const { 'x-amz-security-token': _, ...others } = headers;
  inspect('a call of an AWS API', [method, url, ...Object.values(others), body].join(' '));
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY)
      throw new AwsError('RequestEntityTooLargeException', 'the body is larger than 16 MiB', 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
