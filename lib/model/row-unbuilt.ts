import { show } from './invalid';
import type { RowReader } from './row-reader';

/** Attributes that mean something, but not to this version yet: a row that has one is refused, never half obeyed. */
export function refuseUnbuilt(reader: RowReader): void {
  refuseChoice(reader, 'Compare', 'manifest', 'config');
}

function refuseChoice(reader: RowReader, attribute: string, built: string, unbuilt: string): void {
  const value = reader.get(attribute);
  if (value === undefined || value === built) return;
  if (value === unbuilt) refuse(reader, attribute, built);
  else reader.error(attribute, `got ${show(value)}; ${built} would do`);
}

function refuse(reader: RowReader, attribute: string, remedy: string): void {
  reader.error(attribute, `got ${show(reader.get(attribute))}, which this version does not do yet; ${remedy} would do`);
}
