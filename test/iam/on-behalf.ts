import type { RecordedCall } from '../../local/aws/endpoint';
import type { Resolver } from '../../local/template/resolver';
import { listOf, mapOf, textOf } from '../../local/template/value';
import { type Access, accessOf } from './actions';
import { KEY, OWN_REGION, PLACE, SECRETS } from './place';

/** What a service asks AWS KMS for in the name of whoever calls it. */
export type OnBehalf = (call: RecordedCall) => readonly Access[];

export function onBehalfIn(template: Resolver): OnBehalf {
  const keys = tableKeys(template);
  return (call) => {
    if (mapOf(call.input).SecretId === SECRETS.partner) return use(KEY, 'secretsmanager', ['Decrypt']);
    if (call.service !== 'dynamodb') return [];
    return accessOf(call, PLACE.account).flatMap(({ action, resource }) => {
      const key = keys.get(resource.split('/')[1] ?? '');
      return key === undefined ? [] : use(key, 'dynamodb', READS.test(action) ? FOR_READING : FOR_WRITING);
    });
  };
}

/** Reading the stream of an encrypted table asks for its key, too. */
export function onBehalfOfReader(template: Resolver, streamArn: string): readonly Access[] {
  const key = tableKeys(template).get(streamArn.split('/')[1] ?? '');
  return key === undefined ? [] : use(key, 'dynamodb', FOR_READING);
}

const READS = /:(?:BatchGetItem|GetItem|Query|Scan)$/;
/** Amazon DynamoDB Developer Guide, "DynamoDB encryption at rest": what the policy of a table's key has to let it do. */
const FOR_READING = ['Decrypt'];
const FOR_WRITING = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
];

function use(resource: string, service: string, actions: readonly string[]): readonly Access[] {
  const context = { 'kms:ViaService': `${service}.${OWN_REGION}.amazonaws.com` };
  return actions.map((action) => ({ action: `kms:${action}`, resource, context }));
}

/** Keys of tables by the tables' names. */
function tableKeys(template: Resolver): ReadonlyMap<string, string> {
  const tables = template.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable');
  return new Map(
    tables.flatMap(({ ref, properties }) => {
      const places = [properties, ...listOf(properties.Replicas).map(mapOf)];
      const keys = places.map(({ SSESpecification }) => textOf(mapOf(SSESpecification).KMSMasterKeyId));
      const key = keys.find((one) => one !== undefined);
      return key === undefined ? [] : [[ref, key] as const];
    }),
  );
}
