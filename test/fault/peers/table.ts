import type { Fault } from '../fault';
import { FAMILIES } from '../faults';
import { formatPlace, type Place } from '../target';
import { leftOut, placesOf } from './cases';
import type { Verdict } from './verdict';

/** What came of a case by a program; undefined when it was not run. */
export type Lookup = (fault: Fault, place: Place, when: 'once' | 'always', program: string) => Verdict | undefined;

/** Verdicts that nobody wants, shown so that they are found. */
const ALARMING: readonly Verdict[] = ['swallows', 'not done', 'broken tag', 'leak'];

const UNASKED = ' – |';

/** A table for each family, a column for each program: what became of it once, and always. Nobody asked: no row. */
export function peerTables(programs: readonly string[], lookup: Lookup): string {
  const out = new Set(leftOut().flatMap(({ names }) => names));
  const head = `| a registry that … | where | ${programs.join(' | ')} |\n|---|---|${'---|'.repeat(programs.length)}`;
  return FAMILIES.flatMap(({ name, faults }) => {
    const rows = faults
      .filter((fault) => !out.has(fault.name))
      .flatMap((fault) => placesOf(fault).map((place) => row(fault, place, programs, lookup)))
      .filter((line) => !line.endsWith(UNASKED.repeat(programs.length)));
    return rows.length === 0 ? [] : [[`### ${name}, by others`, '', head, ...rows].join('\n')];
  }).join('\n\n');
}

function row(fault: Fault, place: Place, programs: readonly string[], lookup: Lookup): string {
  const cells = programs.map((program) => {
    const [once, always] = [lookup(fault, place, 'once', program), lookup(fault, place, 'always', program)];
    if (once === undefined) return show(always);
    return once === always ? show(once) : `${show(once)}, ${show(always)}`;
  });
  return `| ${fault.name} | ${formatPlace(place)} |${cells.map((cell) => ` ${cell} |`).join('')}`;
}

function show(verdict: Verdict | undefined): string {
  if (verdict === undefined || verdict === 'not asked') return '–';
  return ALARMING.includes(verdict) ? `**${verdict}**` : verdict;
}
