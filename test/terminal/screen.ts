import { widthOfCharacter } from '../../terminal/width';

/** One column of a terminal. The second column of a wide character is empty. */
export interface Cell {
  readonly text: string;
  /** Parameters of the colours in force, such as `1` or `32`. */
  readonly style: readonly number[];
}

interface Row {
  cells: Cell[];
  /** It goes on in the next one. */
  wraps: boolean;
}

const BLANK: Cell = { text: ' ', style: [] };
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are driven by them
const TOKEN = /\u001b\[[?\d;]*[A-Za-z]|\u001b.?|[\u0000-\u001f]|[^\u0000-\u001f]/gu;

/**
 * A terminal as far as ours is used: wide characters, breaking of lines, scrolling, cursor up, erasing, colours, the cursor shown
 * or hidden, and a width that changes, by which lines are broken anew as most terminals do it. What else it is sent is kept in
 * `unknown`.
 */
export class Screen {
  readonly isTTY = true;
  readonly unknown: string[] = [];
  /** How often it was written to. */
  writes = 0;
  cursorIsShown = true;
  private page: Row[] = [{ cells: [], wraps: false }];
  private row = 0;
  private column = 0;
  private style: number[] = [];
  private everything = '';
  private readonly listeners = new Set<() => void>();

  constructor(
    public columns = 80,
    public rows = 24,
  ) {}

  write(text: string): void {
    this.writes += 1;
    this.everything += text;
    for (const token of text.match(TOKEN) ?? []) this.apply(token);
  }

  on(_: 'resize', listener: () => void): void {
    this.listeners.add(listener);
  }

  off(_: 'resize', listener: () => void): void {
    this.listeners.delete(listener);
  }

  get listening(): number {
    return this.listeners.size;
  }

  /** All lines with something in them, those that have scrolled away too. */
  lines(): string[] {
    return this.all().filter((line) => line !== '');
  }

  /** All lines, without spaces at their ends. */
  all(): string[] {
    return this.page.map(({ cells }) =>
      cells
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    );
  }

  /** What is seen: the last lines, as many as there are rows. */
  seen(): readonly (readonly Cell[])[] {
    return this.page.slice(-this.rows).map(({ cells }) => cells);
  }

  written(): string {
    return this.everything;
  }

  resize(columns: number, rows = this.rows): void {
    const cursor = this.page[this.row];
    const whole: { cells: Cell[]; hasCursor: boolean }[] = [];
    let before: Row | undefined;
    for (const row of this.page) {
      const goesOn = before?.wraps === true ? whole.at(-1) : undefined;
      if (goesOn === undefined) whole.push({ cells: [...row.cells], hasCursor: row === cursor });
      else {
        goesOn.cells.push(...row.cells);
        goesOn.hasCursor ||= row === cursor;
      }
      before = row;
    }
    [this.columns, this.rows, this.page] = [columns, rows, []];
    for (const { cells, hasCursor } of whole) {
      if (hasCursor) this.row = this.page.length;
      const parts = Math.max(1, Math.ceil(cells.length / columns));
      for (let at = 0; at < parts; at += 1) {
        this.page.push({ cells: cells.slice(at * columns, (at + 1) * columns), wraps: at < parts - 1 });
      }
    }
    for (const listener of this.listeners) listener();
  }

  private apply(token: string): void {
    if (token.startsWith('\u001b')) this.control(token);
    else if (token === '\n') [this.column, this.row] = [0, this.next(false)];
    else if (token === '\r') this.column = 0;
    else if (token < ' ') this.unknown.push(token);
    else this.put(token);
  }

  private put(character: string): void {
    const width = widthOfCharacter(character);
    if (this.column + width > this.columns) [this.column, this.row] = [0, this.next(true)];
    const { cells } = this.line();
    while (cells.length < this.column) cells.push(BLANK);
    if (width === 0) {
      const under = cells[this.column - 1];
      if (under !== undefined) cells[this.column - 1] = { ...under, text: under.text + character };
      return;
    }
    cells[this.column] = { text: character, style: [...this.style] };
    if (width === 2) cells[this.column + 1] = { text: '', style: [...this.style] };
    this.column += width;
  }

  private next(wraps: boolean): number {
    this.line().wraps = wraps;
    const row = this.row + 1;
    if (row >= this.page.length) this.page.push({ cells: [], wraps: false });
    return row;
  }

  private line(): Row {
    return this.page[this.row] as Row;
  }

  private control(token: string): void {
    const [, parameters = '', final = ''] = /^..([?\d;]*)(.)$/.exec(token) ?? [];
    const numbers = parameters.split(';').map(Number);
    const top = Math.max(0, this.page.length - this.rows);
    if (final === 'A') this.row = Math.max(top, this.row - (numbers[0] || 1));
    else if (final === 'K' && parameters === '')
      this.line().cells.length = Math.min(this.line().cells.length, this.column);
    else if (final === 'J' && parameters === '') {
      this.line().cells.length = Math.min(this.line().cells.length, this.column);
      this.line().wraps = false;
      this.page.length = this.row + 1;
    } else if (final === 'm') this.style = numbers.includes(0) ? [] : [...this.style, ...numbers];
    else if (token === '\u001b[?25l') this.cursorIsShown = false;
    else if (token === '\u001b[?25h') this.cursorIsShown = true;
    else this.unknown.push(token);
  }
}

export function openScreen(columns = 80, rows = 24): Screen {
  return new Screen(columns, rows);
}
