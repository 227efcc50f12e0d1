import { type Ending, endingsOf, type Fault } from './fault';
import { FAMILIES } from './faults';
import { formatPlace } from './target';

const HEAD = '| a registry that … | where | once | always |\n|---|---|---|---|';

/** What is promised, as a table for each family. The tests hold that it is so. */
export function tables(): string {
  return FAMILIES.map(({ name, faults }) => [`### ${name}`, '', HEAD, ...faults.flatMap(rows)].join('\n')).join('\n\n');
}

/** A row for all places where a fault ends alike. */
function rows(fault: Fault): string[] {
  const places = new Map<string, string[]>();
  for (const place of fault.places) {
    const once = fault.strike === undefined ? '' : format(endingsOf(fault, place.target, 'once'));
    const ends = `${once} | ${format(endingsOf(fault, place.target, 'always'))}`;
    places.set(ends, [...(places.get(ends) ?? []), formatPlace(place)]);
  }
  return [...places].map(([ends, where]) => `| ${fault.name} | ${where.join(', ')} | ${ends} |`);
}

function format(endings: readonly Ending[]): string {
  return endings.map((one) => (one === 'exact' ? 'exact' : `error: ${plain(one)}`)).join(', or ');
}

/** A pattern as people read it. */
function plain({ source }: RegExp): string {
  return source.replaceAll('\\d+', '…').replaceAll('.*', '…').replaceAll('|', ' / ');
}
