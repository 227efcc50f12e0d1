import { printable } from '../lib/model/invalid';
import { shorten } from './format';
import { pad, widthOf } from './width';

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Gives way where the table is too wide. @default false */
  readonly flexible?: boolean;
}

const GAP = '  ';
/** Columns that a flexible one keeps. */
const NARROWEST = 12;

/** Lays a table out: texts by which a line is made of its cells. */
export interface Layout {
  readonly header: string;
  /** Without spaces at the end. */
  line(cells: readonly string[]): string;
}

/**
 * Makes each column as wide as its widest cell; where that is more than there is, flexible ones are shortened, the widest first.
 *
 * @param width columns that there are. @default - any number
 */
export function layOut(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): Layout {
  const natural = columns.map(({ title }, at) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[at] ?? '')), widthOf(title)),
  );
  const widths = narrowed(columns, natural, width);
  const line = (cells: readonly string[]) =>
    widths
      .map((most, at) => pad(shorten(printable(cells[at] ?? ''), most), most))
      .join(GAP)
      .trimEnd();
  return { header: line(columns.map(({ title }) => title)), line };
}

function narrowed(columns: readonly Column[], natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  const total = () => widths.reduce((sum, one) => sum + one, 0) + GAP.length * (widths.length - 1);
  const widest = () => {
    const able = widths.flatMap((one, at) => (columns[at]?.flexible === true && one > NARROWEST ? [at] : []));
    return able.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
  };
  for (let at = widest(); at !== undefined && total() > width; at = widest()) widths[at] = (widths[at] ?? 0) - 1;
  return widths;
}
