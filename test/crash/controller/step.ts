import type { IncomingHttpHeaders } from 'node:http';
import { readCall } from '../../../local/aws/protocol';
import { type JsonMap, mapOf, textOf } from '../../../local/template/value';
import { targetOf } from '../../fault/target';

/** Whom a controller asks: AWS, or one of the registries. */
export type Peer = 'aws' | 'upstream' | 'destination' | 'ecr';

/** One request of a controller, named by what it is for. */
export interface Step {
  readonly name: string;
  /** Whether something is to take effect: else it is nothing but asked. */
  readonly writes: boolean;
  /** As requests are signed for it; undefined for a registry. */
  readonly service?: string;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export function stepOf(peer: Peer, asked: Asked): Step {
  if (peer !== 'aws') return { name: `${peer}: ${targetOf(asked.method, asked.path)}`, writes: false };
  const { service, operation, input } = readCall(asked);
  const name = PLAIN[operation] ?? operation;
  return { name: `${service}: ${name}${detailOf(operation, input)}`, service, writes: !READS.test(name) };
}

const READS = /^(?:Scan|Query|Get|BatchGet|Describe|List)/;

/** AWS Batch is known by the last part of a path. */
const PLAIN: Readonly<Record<string, string>> = { submitjob: 'SubmitJob' };

function detailOf(operation: string, input: JsonMap): string {
  if (operation === 'UpdateItem') return `, ${purposeOf(input)}`;
  if (operation === 'Scan') return input.TableName === 'mirrors' ? ', rows' : ', copies';
  return '';
}

/** What is written on an item, by the values that only one kind of write has. */
function purposeOf(input: JsonMap): string {
  const values = mapOf(input.ExpressionAttributeValues);
  const update = textOf(input.UpdateExpression) ?? '';
  if (':lease' in values) return 'lease';
  if (mapOf(mapOf(input.Key).Destination).S === '-') return 'row';
  if (':mirrored' in values) return 'found unchanged';
  if (update === 'SET #Job = :job') return 'job noted';
  return ':failed' in values ? 'loss' : 'wait';
}
