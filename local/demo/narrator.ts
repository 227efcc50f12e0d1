import { reason } from '../../engine/errors';
import { printable } from '../../lib/model/invalid';
import { type Output, paintFor } from '../../terminal/output';

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
  const wrong: string[] = [];
  let checks = 0;
  let chapters = 0;
  return {
    chapter: (title) => {
      chapters += 1;
      print('');
      print(paint.bold(`${chapters}. ${title}`));
    },
    say: (line) => print(`   ${printable(line)}`),
    check: async (what, holds) => {
      checks += 1;
      const answer = await Promise.resolve()
        .then(holds)
        .catch((error) => reason(error));
      if (answer === true) return print(`   ${paint.green('✓')} ${what}`);
      wrong.push(what);
      print(`   ${paint.red('✗')} ${what}${typeof answer === 'string' ? `: ${printable(answer)}` : ''}`);
    },
    get checks() {
      return checks;
    },
    wrong,
  };
}
