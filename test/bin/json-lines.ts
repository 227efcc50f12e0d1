import type { CommandSpec } from '../../bin/command-spec';
import { quoted, read, section, tableRows } from '../docs/documents';
import type { Ran } from './drive';

type Name = CommandSpec['name'];

/** Commands that need a deployed stack: `test/local/stack-commands.test.ts` runs them. */
export const WITH_STACK = ['list', 'add', 'remove', 'run', 'prune', 'doctor'] as const satisfies readonly Name[];

/** The others, which `json-lines.test.ts` runs. */
export type WithoutStack = Exclude<Name, (typeof WITH_STACK)[number]>;

/** What is told to machines that `docs/command-line.md` does not describe; nothing is in order. */
export function undocumented({ out }: Pick<Ran, 'out'>): readonly string[] {
  const events = tableRows(section(read('docs/command-line.md'), '## JSON lines')).flatMap(([event]) =>
    quoted(event ?? ''),
  );
  return out.filter((line) => !events.includes(eventOf(line) ?? ''));
}

/** Undefined for what is no JSON object with an event. */
export function eventOf(line: string): string | undefined {
  try {
    return (JSON.parse(line) as { event?: string }).event;
  } catch {
    return undefined;
  }
}
