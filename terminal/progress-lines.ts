import { count, formatAge, formatBytes, formatLeft, shorten } from './format';
import type { Paint, Strokes } from './output';
import { leftOf, type Running, type UnderWay } from './under-way';
import { pad, widthOf } from './width';

export interface Drawing {
  /** Columns that a line may take. */
  readonly columns: number;
  readonly paint: Paint;
  readonly strokes: Strokes;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Columns of a bar on a narrow terminal and on a wide one; on a very narrow one there is none. */
const BAR = { narrow: 12, wide: 24, from: 60, wideFrom: 100 };
/** Columns below which a name is all that there is room for. */
const NAME_ALONE = 24;
const GAP = '  ';
/** Columns of `12.3 MB / 123 MB`, `12.3 MB/s` and `59 min`. */
const COLUMNS = { bytes: 17, rate: 9, left: 6, percent: 4 };

/** Columns of a name, however long it is. */
function roomIn(columns: number): number {
  const { bytes, rate, left, percent } = COLUMNS;
  if (columns < NAME_ALONE) return columns;
  if (columns < BAR.from) return columns - percent - left - 2 * GAP.length;
  return columns - barWidth(columns) - bytes - rate - left - 4 * GAP.length;
}

function barWidth(columns: number): number {
  return columns >= BAR.wideFrom ? BAR.wide : BAR.narrow;
}

/** Columns that a name takes. */
export function nameWidth({ name }: Running, columns: number): number {
  return widthOf(nameIn(roomIn(columns), name));
}

/**
 * One copy: its name, a bar, bytes, rate and the time left.
 *
 * @param names columns of the widest name
 */
export function copyLine(copy: Running, names: number, { columns, paint, strokes, now }: Drawing): string {
  const room = roomIn(columns);
  const name = pad(nameIn(room, copy.name), Math.min(room, names));
  if (columns < NAME_ALONE) return name.trimEnd();
  const share = copy.found > 0 ? Math.min(1, copy.settled / copy.found) : 0;
  const isKnown = copy.found > 0;
  const seconds = leftOf(copy, now);
  const left = (seconds === undefined ? '' : formatAge(Math.ceil(seconds))).padStart(COLUMNS.left);
  if (columns < BAR.from) {
    const percent = isKnown ? `${Math.floor(share * 100)}%` : '';
    return [name, percent.padStart(COLUMNS.percent), left].join(GAP).trimEnd();
  }
  const bytes = isKnown ? `${formatBytes(copy.settled)} / ${formatBytes(copy.found)}` : '';
  const rate = isKnown ? `${formatBytes(copy.rate.at(now))}/s` : '';
  const bar = barOf(share, barWidth(columns), paint, strokes);
  return [name, bar, bytes.padStart(COLUMNS.bytes), rate.padStart(COLUMNS.rate), left].join(GAP).trimEnd();
}

/** What comes first gives way, from slash to slash: it is the same for most. */
function nameIn(room: number, name: string): string {
  if (widthOf(name) <= room) return name;
  for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
    const rest = name.slice(slash);
    if (widthOf(rest) < room) return `…${rest}`;
  }
  return shorten(name.slice(name.lastIndexOf('/') + 1), room);
}

/** A full bar is a copy that has all its bytes. */
function barOf(share: number, width: number, paint: Paint, { done, half, left }: Strokes): string {
  const halves = Math.floor(share * width * 2);
  const filled = done.repeat(halves >> 1) + (halves % 2 === 1 ? half : '');
  return `${paint.green(filled)}${paint.dim(left.repeat(width - filled.length))}`;
}

/**
 * All copies together. Where there is no room for all, what matters least goes.
 *
 * @param hidden copies that have no line
 */
export function totalLine(all: UnderWay, hidden: number, columns: number, now: number): string {
  if (all.rate === undefined) return shorten(`looking at registries, ${count(all.requests, 'request')}`, columns);
  const of = all.expected > 0 ? `${all.ended} of ${count(all.expected, 'copy', 'copies')}` : `${all.ended} done`;
  const bytes = all.bytes();
  const moved =
    bytes === undefined
      ? `${formatBytes(all.moved)} moved`
      : `${formatBytes(bytes.settled)} of ${formatBytes(bytes.all)}`;
  const rate = `${formatBytes(all.rate.at(now))}/s`;
  const left = all.left(now);
  const time = left === undefined ? '' : `${left.about ? 'about ' : ''}${formatLeft(left.seconds)} left`;
  const more = hidden > 0 ? `${hidden} more running` : '';
  const choices = [
    [of, moved, rate, time, more],
    [of, moved, rate, time],
    [of, rate, time],
    [of, time],
  ].map((parts) => parts.filter((part) => part !== '').join(', '));
  return choices.find((line) => widthOf(line) <= columns) ?? shorten(of, columns);
}
