import { reason } from '../../engine/errors';
import { printable } from '../../lib/model/invalid';
import { wrap } from '../../terminal/format';
import { columnsOf, type Output, paintFor } from '../../terminal/output';

/** What every line of a chapter begins with. */
export const MARGIN = '   ';

/** Tells the story and keeps what did not hold. */
export interface Narrator {
  chapter(title: string): void;
  say(line: string): void;
  /** One thing that was read back; an error while reading it counts as wrong. */
  check(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
  readonly checks: number;
  readonly wrong: readonly string[];
}

export function makeNarrator(output: Output, print: (line: string) => void): Narrator {
  const paint = paintFor(output, process.env);
  const columns = columnsOf(output);
  const put = (text: string, indent: string) => {
    for (const line of wrap(text, columns, indent)) print(line);
  };
  const mark = (sign: string, what: string) => {
    const [first, ...rest] = wrap(printable(what), columns - MARGIN.length - 2);
    print(`${MARGIN}${sign} ${first}`);
    for (const line of rest) print(`${MARGIN}  ${line}`);
  };
  const wrong: string[] = [];
  let checks = 0;
  let chapters = 0;
  return {
    chapter: (title) => {
      chapters += 1;
      print('');
      print(paint.bold(`${chapters}. ${title}`));
    },
    say: (line) => put(`${MARGIN}${printable(line)}`, `${MARGIN}${line.startsWith(' ') ? '    ' : ''}`),
    check: async (what, holds) => {
      checks += 1;
      const answer = await Promise.resolve()
        .then(holds)
        .catch((error) => reason(error));
      if (answer === true) return mark(paint.green('✓'), what);
      wrong.push(what);
      mark(paint.red('✗'), typeof answer === 'string' ? `${what}: ${answer}` : what);
    },
    get checks() {
      return checks;
    },
    wrong,
  };
}
