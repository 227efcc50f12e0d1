import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { MirrorTables } from './mirror-tables';

/** Reads rows; reserves copies, reads what became of them, writes work lists and refusals. */
export function grantController(tables: MirrorTables, controller: IGrantable): void {
  allow(tables.mirrors, controller, ['GetItem', 'Scan']);
  allow(tables.copies, controller, ['BatchGetItem', 'BatchWriteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']);
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

function allow(table: ITable, grantee: IGrantable, actions: readonly string[]): Grant {
  // DynamoDB uses the key of a table in the name of whoever asks.
  table.encryptionKey?.grantEncryptDecrypt(grantee);
  return Grant.addToPrincipal({
    grantee,
    actions: actions.map((action) => `dynamodb:${action}`),
    resourceArns: [table.tableArn],
  });
}
