import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { grantKey } from './key-access';
import type { MirrorTables } from './mirror-tables';

/** Reads rows; reserves copies, reads what became of them, writes work lists and refusals. */
export function grantController(tables: MirrorTables, controller: IGrantable): void {
  allow(tables.mirrors, controller, ['GetItem', 'Scan']);
  const copies = ['BatchGetItem', 'BatchWriteItem', 'GetItem', 'PutItem', 'Query', 'Scan', 'UpdateItem'];
  allow(tables.copies, controller, copies);
}

/** Reads its work list; renews its leases and records outcomes. It has no use for rows. */
export function grantWorker(tables: MirrorTables, worker: IGrantable): void {
  allow(tables.copies, worker, ['GetItem', 'Query', 'UpdateItem']);
}

/** Edits rows and reads what became of them: what `copies` says is the mirror's alone to write. */
export function grantPeople(tables: MirrorTables, people: IGrantable): Grant {
  const rows = ['BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'Scan', 'UpdateItem'];
  return allow(tables.mirrors, people, rows).combine(allow(tables.copies, people, ['GetItem', 'Query', 'Scan']));
}

/** What DynamoDB asks of a table's key for whoever reads, and for whoever writes: Developer Guide, "Encryption at rest". */
const FOR_READING = ['Decrypt'];
const FOR_WRITING = [
  ...FOR_READING,
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
];

/** Lets DynamoDB use the key of a table in the name of whoever does this to it. */
export function grantTableKey(table: ITable, grantee: IGrantable, actions: readonly string[]): void {
  const writes = actions.some((action) => /Write|Put|Update|Delete/.test(action));
  grantKey(table.encryptionKey, grantee, { service: 'dynamodb', actions: writes ? FOR_WRITING : FOR_READING });
}

function allow(table: ITable, grantee: IGrantable, actions: readonly string[]): Grant {
  grantTableKey(table, grantee, actions);
  return Grant.addToPrincipal({
    grantee,
    actions: actions.map((action) => `dynamodb:${action}`),
    resourceArns: [table.tableArn],
  });
}
