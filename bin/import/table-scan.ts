import { isMap } from '../../lib/model/row-reader';
import { type Entry, type Harvest, listAt } from './harvest';

/** A table of another mirror, as `aws dynamodb scan` prints it: `Source`, `Destination` (a text, a set or a list), `Expires`. */
export function fromTableScan(document: Readonly<Record<string, unknown>>, harvest: Harvest): void {
  const more = 'says that there are more items, which are not in the file: all pages would do';
  harvest.noteKeys(document, '', {
    ...{ Items: undefined, Count: undefined, ScannedCount: undefined, ConsumedCapacity: undefined },
    ...{ NextToken: more, LastEvaluatedKey: more },
  });
  for (const [i, item] of listAt(document.Items, 'Items', harvest).entries()) {
    const where = `Items[${i}]`;
    const row = isMap(item)
      ? Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]))
      : {};
    const { Source, Destination, Expires, ...others } = row;
    for (const name of Object.keys(others)) harvest.note(`${where}.${name}`, 'is not carried');
    if (typeof Source !== 'string') {
      harvest.note(where, 'has no Source: not carried');
      continue;
    }
    const isTime = /^\d+(?:\.\d+)?$/.test(String(Expires));
    if (Expires !== undefined && !isTime) harvest.note(`${where}.Expires`, 'is no number: not carried');
    const entry: Entry = {
      source: Source,
      ...destinationOf(Destination),
      ...(isTime ? { expires: Number(Expires) } : {}),
    };
    harvest.add(entry);
  }
}

function destinationOf(value: unknown): Pick<Entry, 'destination'> {
  const all = (Array.isArray(value) ? value.map(String) : String(value ?? '').split(',')).map((one) => one.trim());
  const [first, ...others] = all.filter((one) => one !== '');
  if (first === undefined) return {};
  return { destination: others.length === 0 ? first : [first, ...others] };
}

/** A value as DynamoDB's API spells it. */
function plain(value: unknown): unknown {
  if (!isMap(value)) return value;
  if (Array.isArray(value.L)) return value.L.map(plain);
  return value.S ?? value.N ?? value.SS ?? value.BOOL;
}
