import { printable } from '../lib/model/invalid';
import { newestFirst } from '../lib/model/newest-tags';
import type { SelectionExplained, SelectionStage, TagSelection } from '../lib/model/tag-selection';
import { lineOf } from '../lib/model/version-line';
import { wrap } from './format';

export interface SelectionLayout {
  readonly columns: number;
  /** Everything is shown, however long. @default false */
  readonly all?: boolean;
}

/** What is shown unless all is. */
const MOST = { linesOfDropped: 2, reasons: 6, linesOfSelected: 8 };
const INDENT = '    ';

/** What each stage of a selection kept and dropped, and why, then what is selected. Headings begin without a space. */
export function selectionLines(
  { all, stages, selected }: SelectionExplained,
  selection: TagSelection,
  layout: SelectionLayout,
): string[] {
  const before = [all, ...stages.map(({ kept }) => kept)];
  return [
    ...stages.flatMap((stage, at) => stageLines(stage, before[at] ?? 0, selection, layout)),
    `selected  ${selected.length} of ${all}`,
    ...tagLines(selected, MOST.linesOfSelected, layout),
  ];
}

function stageLines(
  { name, kept, dropped }: SelectionStage,
  before: number,
  selection: TagSelection,
  layout: SelectionLayout,
): string[] {
  const reasons = byReason(dropped);
  // One that is left would take as many lines to be left out.
  const shown = layout.all === true || reasons.length === MOST.reasons + 1 ? reasons : reasons.slice(0, MOST.reasons);
  const rest = reasons.slice(shown.length);
  const others = rest.reduce((sum, [, tags]) => sum + tags.length, 0);
  const condition = name === 'previous' ? 'what is not kept for a while' : [selection[name] ?? ''].flat().join(', ');
  const head = `${name.padEnd(9)} keeps ${kept} of ${before}: ${printable(condition)}`;
  return [
    ...wrap(head, layout.columns, INDENT),
    ...shown.flatMap(([why, tags]) => [
      ...wrap(`  drops ${tags.length}: ${printable(why)}`, layout.columns, INDENT),
      ...tagLines(newestFirst(tags, lineOf()), MOST.linesOfDropped, layout),
    ]),
    ...(rest.length === 0 ? [] : [`  drops ${others} more for ${rest.length} other reasons`]),
  ];
}

/** Most tags first. */
function byReason(dropped: SelectionStage['dropped']): ReadonlyArray<readonly [why: string, tags: readonly string[]]> {
  const reasons = new Map<string, string[]>();
  for (const [tag, why] of dropped) {
    const tags = reasons.get(why) ?? [];
    tags.push(tag);
    reasons.set(why, tags);
  }
  return [...reasons].sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1));
}

/** Tags parted by commas; cut after so many lines, with how many are left out. */
function tagLines(tags: readonly string[], most: number, { columns, all }: SelectionLayout): string[] {
  if (tags.length === 0) return [];
  const linesOf = (some: readonly string[], more: string) =>
    wrap(`${INDENT}${some.map(printable).join(', ')}${more}`, columns, INDENT);
  if (all === true) return linesOf(tags, '');
  // No line holds more than a tag for each two columns.
  let count = Math.min(tags.length, most * Math.ceil(columns / 2));
  const cut = () => linesOf(tags.slice(0, count), count < tags.length ? `, … ${tags.length - count} more` : '');
  let lines = cut();
  while (lines.length > most && count > 1) {
    count -= 1;
    lines = cut();
  }
  return lines;
}
