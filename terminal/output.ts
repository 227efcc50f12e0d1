/** Where text goes: what `process.stdout` and `process.stderr` have of it. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** A terminal tells when it has another size. */
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

/** What a process knows of its surroundings by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Columns of a terminal that does not say how many it has. */
const USUAL_COLUMNS = 80;

/** Columns of a page: those of a terminal. One that nobody has given a size says that it has none, and has the usual ones. */
export function pageColumns({ columns }: Output): number {
  return columns || USUAL_COLUMNS;
}

/** Columns that text has to keep to: only a terminal has an edge. */
export function columnsOf(output: Output): number {
  return output.isTTY === true ? pageColumns(output) : Number.POSITIVE_INFINITY;
}

/** Colours of a terminal, or the plain text. They are the terminal's own, so that they can be read on light and on dark. */
export interface Paint {
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

/** Paints on a terminal unless `NO_COLOR` is set to anything (no-color.org) or the terminal is `dumb`. */
export function paintFor(output: Output, env: Environment): Paint {
  const wanted = output.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  const paint = (code: number) => (text: string) => (wanted && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { green: paint(32), red: paint(31), yellow: paint(33), dim: paint(2), bold: paint(1) };
}

/** The two parts of a bar. */
export interface Strokes {
  readonly done: string;
  readonly half: string;
  readonly left: string;
}

/**
 * Lines where the terminal can show them in one column each: by its locale it has UTF-8, and is none of those where a box
 * drawing may take two (UAX #11 "ambiguous").
 */
export function strokesFor(env: Environment): Strokes {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || (env.WT_SESSION === undefined ? '' : 'UTF-8');
  const canDraw = /utf-?8/i.test(locale) && !/^(?:ja|ko|zh)/i.test(locale);
  return canDraw ? { done: '━', half: '╸', left: '─' } : { done: '#', half: '-', left: '-' };
}
