import { type Output, pageColumns } from './output';
import { widthOf } from './width';

const CLEAR_REST = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
const COLOUR = /\u001b\[[\d;]*m/g;

/**
 * Lines at the bottom of a terminal that change in place, under those that stay. Each change is one write, and what is there is
 * written over rather than erased: nothing flickers. The cursor is hidden meanwhile.
 */
export class LiveLines {
  /** Columns of each line that is shown. */
  private shown: readonly number[] = [];
  private hidden = false;

  constructor(private readonly output: Output) {}

  get columns(): number {
    return pageColumns(this.output);
  }

  /**
   * @param lines each less than the terminal's width, all together less than its height
   * @param above lines that stay, of any length
   */
  show(lines: readonly string[], above: readonly string[] = []): void {
    const hide = this.hidden ? '' : HIDE_CURSOR;
    const stay = above.length === 0 ? '' : `${CLEAR_BELOW}${above.map((line) => `${line}\n`).join('')}`;
    const live = lines.map((line) => `${line}${CLEAR_REST}\n`).join('');
    this.output.write(`${hide}${this.home()}${stay}${live}${CLEAR_BELOW}`);
    this.hidden = true;
    this.shown = lines.map((line) => widthOf(line.replace(COLOUR, '')));
  }

  /** Erases the lines and gives the cursor back. */
  clear(above: readonly string[] = []): void {
    const stay = above.map((line) => `${line}\n`).join('');
    const erase = this.shown.length === 0 ? '' : `${this.home()}${CLEAR_BELOW}`;
    const text = `${erase}${stay}${this.hidden ? SHOW_CURSOR : ''}`;
    if (text !== '') this.output.write(text);
    this.forget();
  }

  /** Gives the cursor back and leaves the lines where they are: somebody else has written below them, or will. */
  leave(): void {
    if (this.hidden) this.output.write(SHOW_CURSOR);
    this.forget();
  }

  private forget(): void {
    this.shown = [];
    this.hidden = false;
  }

  /** To where the first line begins. A terminal that became narrower has broken the lines that are too long for it now. */
  private home(): string {
    const rows = this.shown.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / this.columns)), 0);
    return rows === 0 ? '\r' : `\r\u001b[${rows}A`;
  }
}
