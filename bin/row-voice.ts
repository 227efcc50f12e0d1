import { printable } from '../lib/model/invalid';
import { paintFor } from '../terminal/output';
import type { Io } from './io';
import { tellJsonLine } from './json-line';
import type { Settings } from './settings';

/** Tells what became of rows. */
export interface RowVoice {
  /** A row was written or deleted. @param text what there is to say about it */
  done(event: 'added' | 'removed', item: Readonly<Record<string, unknown>>, text: string): void;
  warn(about: string, message: string): void;
}

const LABEL = 9;

export function rowVoice({ json, quiet }: Pick<Settings, 'json' | 'quiet'>, io: Io): RowVoice {
  const tell = (event: string, fields: object) => tellJsonLine(io, event, fields);
  const say = (word: string, painted: string, text: string) =>
    `${painted}${' '.repeat(LABEL - word.length)}${printable(text)}\n`;
  return {
    done(event, item, text) {
      if (json) tell(event, { row: plain(item) });
      else if (!quiet)
        io.stdout.write(say(event, paintFor(io.stdout, io.env).green(event), `${String(item.Source)} ${text}`));
    },
    warn(about, message) {
      if (json) tell('warning', { about, message });
      else if (!quiet)
        io.stderr.write(say('warning', paintFor(io.stderr, io.env).yellow('warning'), `${about}: ${message}`));
    },
  };
}

/** A row's attributes as JSON has them: sets as lists. */
export function plain(item: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, value instanceof Set ? [...value] : value]),
  );
}
