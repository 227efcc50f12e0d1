import type { IncomingHttpHeaders } from 'node:http';
import type { Json, JsonMap } from '../template/value';
import { AwsError } from './error';

/** One call of an AWS API, whatever its wire protocol. */
export interface AwsCall {
  /** As requests are signed: `dynamodb`, `ecr`, `ssm`, `batch`, … */
  readonly service: string;
  /** As the API names it, `GetItem`; for AWS Batch the last part of the path, `submitjob`. */
  readonly operation: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly input: JsonMap;
  /** Of the request's body. */
  readonly payloadBytes: number;
  readonly headers: IncomingHttpHeaders;
  readonly protocol: Protocol;
}

export type Protocol = 'json' | 'rest' | 'query';

export interface AwsRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface AwsReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const SCOPE = /Credential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\/([^/,\s]+)\/aws4_request/;
const LAMBDA_INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;
const BATCH = /^\/v1\/([a-z]+)$/;
/** What is listed by GET, and one of it by its name: the operations of both, and what the name is called. */
const LISTED: Readonly<Record<string, readonly [path: RegExp, list: string, one: string, name: string]>> = {
  lambda: [/^\/2015-03-31\/functions(?:\/([^/]+))?\/?$/, 'ListFunctions', 'GetFunction', 'FunctionName'],
  eks: [/^\/clusters(?:\/([^/]+))?\/?$/, 'ListClusters', 'DescribeCluster', 'name'],
};

/**
 * Which call a request is: by the scope of its signature, then by `X-Amz-Target` (JSON), the path (REST) or the form (query).
 * Signatures are not checked.
 *
 * @throws AwsError MissingAuthenticationTokenException or UnknownOperationException, as AWS does.
 */
export function readCall(request: AwsRequest): AwsCall {
  const scope = SCOPE.exec(request.headers.authorization ?? '');
  if (scope === null) {
    throw new AwsError(
      'MissingAuthenticationTokenException',
      'the request is not signed with Signature Version 4',
      403,
    );
  }
  const [, accessKeyId = '', region = '', service = ''] = scope;
  return {
    service,
    region,
    accessKeyId,
    payloadBytes: request.body.length,
    headers: request.headers,
    ...readOperation(service, request),
  };
}

function readOperation(service: string, request: AwsRequest): Pick<AwsCall, 'operation' | 'input' | 'protocol'> {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    return { protocol: 'json', operation: target.slice(target.lastIndexOf('.') + 1), input: readJson(request.body) };
  }
  const path = request.path.split('?')[0] ?? '';
  const invoke = LAMBDA_INVOKE.exec(path);
  if (service === 'lambda' && request.method === 'POST' && invoke !== null) {
    return {
      protocol: 'rest',
      operation: 'Invoke',
      input: { FunctionName: decodeURIComponent(invoke[1] ?? ''), Payload: readPayload(request.body) },
    };
  }
  const batch = BATCH.exec(path);
  if (service === 'batch' && request.method === 'POST' && batch !== null) {
    return { protocol: 'rest', operation: batch[1] ?? '', input: readJson(request.body) };
  }
  const listed = LISTED[service];
  const match = listed?.[0].exec(path);
  if (request.method === 'GET' && listed !== undefined && match) {
    const input = Object.fromEntries(new URLSearchParams(request.path.split('?')[1] ?? ''));
    if (match[1] === undefined) return { protocol: 'rest', operation: listed[1], input };
    return { protocol: 'rest', operation: listed[2], input: { ...input, [listed[3]]: decodeURIComponent(match[1]) } };
  }
  const form = new URLSearchParams(request.body.toString());
  const action = form.get('Action');
  if (action !== null) return { protocol: 'query', operation: action, input: Object.fromEntries(form) };
  throw new AwsError('UnknownOperationException', `${service}: ${request.method} ${path}`);
}

function readJson(body: Buffer): JsonMap {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString()) as JsonMap;
  } catch {
    throw new AwsError('SerializationException', 'the body is not JSON');
  }
}

function readPayload(body: Buffer): Json {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString()) as Json;
  } catch {
    throw new AwsError('InvalidRequestContentException', 'Invoke: payload: it is not JSON');
  }
}

/** What a service answers beside its output. */
export interface Answer {
  readonly output: Json;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export function writeAnswer(call: AwsCall, { output, status = 200, headers = {} }: Answer): AwsReply {
  if (call.protocol !== 'query')
    return { status, headers: { ...jsonHeaders(call), ...headers }, body: JSON.stringify(output) };
  const xmlns = 'https://sts.amazonaws.com/doc/2011-06-15/';
  const { operation } = call;
  const result = `<${operation}Result>${xml(output)}</${operation}Result>`;
  const body = `<${operation}Response xmlns="${xmlns}">${result}<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></${operation}Response>`;
  return { status, headers: { 'content-type': 'text/xml', ...headers }, body };
}

export function writeError(protocol: Protocol, error: AwsError): AwsReply {
  const { code, message, status, members } = error;
  if (protocol === 'query') {
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>local</RequestId></ErrorResponse>`;
    return { status, headers: { 'content-type': 'text/xml' }, body };
  }
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': code };
  return { status, headers, body: JSON.stringify({ __type: code, message, ...members }) };
}

function jsonHeaders({ protocol, headers }: AwsCall): Readonly<Record<string, string>> {
  return { 'content-type': protocol === 'rest' ? 'application/json' : (headers['content-type'] ?? 'application/json') };
}

function xml(value: Json): string {
  if (typeof value !== 'object' || value === null) return escapeXml(String(value));
  if (Array.isArray(value)) return value.map((inner) => `<member>${xml(inner)}</member>`).join('');
  return Object.entries(value)
    .map(([name, inner]) => `<${name}>${xml(inner as Json)}</${name}>`)
    .join('');
}

function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}
