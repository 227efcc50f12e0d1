/**
 * Adopting the table of a mirror that is there already: its rows (`Source`, `Destination`, `Expires`) work as they are. The
 * table stays where it belongs; the two can run side by side, since an image that is there is left alone.
 *
 * `npx cdk deploy --app 'npx tsx examples/existing-table/app.ts' -c table=… -c stream=…`
 */
import { App, Stack } from 'aws-cdk-lib';
import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
// In an app of your own: from 'cdk-ecr-mirror'.
import { EcrMirror } from '../../lib/index';

export const app = new App();
const stack = new Stack(app, 'MirrorOfExistingTable');
const tableName: string = app.node.tryGetContext('table') ?? 'image-mirror';
/** `aws dynamodb describe-table --table-name … --query Table.LatestStreamArn`; without one, rows are read on schedule. */
const tableStreamArn: string | undefined = app.node.tryGetContext('stream');

new EcrMirror(stack, 'Mirror', {
  existingTable: TableV2.fromTableAttributes(stack, 'Table', {
    tableArn: stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: tableName }),
    tableStreamArn,
  }),
  // Where its rows copy to: a row that asks for another place is refused, and says so in the table of copies.
  allowedDestinations: [`${stack.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}/**`],
});
