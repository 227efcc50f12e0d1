import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Case, formatCase } from '../matrix';
import { withPart } from '../report';
import { formatPlace } from '../target';
import { openWorld } from '../world';
import { leftOut, peerCases } from './cases';
import { copyBy } from './copier';
import { type Program, programs } from './programs';
import { peerTables } from './table';
import { type Judged, judge, type Verdict } from './verdict';

/**
 * `npm run reliability:peers` puts every program on this machine to the faults of the matrix and writes its part of
 * docs/reliability.md. `--only=WORD` is for faults whose name holds it, and writes nothing.
 */
const PAGE = 'docs/reliability.md';
/** Go takes all ports of an address for one host, and lets a credential follow a redirect there. */
const ELSEWHERE = 'localhost';
/** Most of what they do is to wait; but answers without end keep a machine busy. */
const [AT_ONCE, POURING_AT_ONCE] = [12, 2];

export interface Found extends Judged {
  readonly one: Case;
  readonly program: string;
}

async function put(one: Case, program: Program): Promise<Found> {
  const world = await openWorld(one.fault, one.place, one.when, ELSEWHERE);
  try {
    const judged = await judge(world, await copyBy(program, world), one, program.referrers);
    return { ...judged, one, program: program.tool.name };
  } finally {
    await world.close();
  }
}

export async function putAll(cases: readonly Case[], some: readonly Program[]): Promise<Found[]> {
  const pours = ({ fault }: Case) => fault.ceiling !== undefined;
  const waiting = await putEach(
    cases.filter((one) => !pours(one)),
    some,
    AT_ONCE,
  );
  return [...waiting, ...(await putEach(cases.filter(pours), some, POURING_AT_ONCE))];
}

async function putEach(cases: readonly Case[], some: readonly Program[], atOnce: number): Promise<Found[]> {
  const found: Found[] = [];
  const waiting = cases.flatMap((one) => some.map((program) => ({ one, program }))).values();
  const worker = async () => {
    for (const { one, program } of waiting) {
      const result = await put(one, program);
      found.push(result);
      const why = result.why.split('\n').at(-1)?.slice(0, 300) ?? '';
      console.log(`${formatCase(one)}: ${result.program}: ${result.verdict}${why === '' ? '' : `: ${why}`}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return found;
}

const keyOf = (fault: string, place: string, when: string, program: string) => [fault, place, when, program].join('\n');

function summary(found: readonly Found[], some: readonly Program[], versions: readonly string[], seconds: number) {
  const counts = some.map(({ tool: { name } }, i) => {
    const own = found.filter(({ program }) => program === name);
    const count = (verdict: Verdict) => own.filter((one) => one.verdict === verdict).length;
    return `| ${name} ${versions[i]} | ${VERDICTS.map(count).join(' | ')} |`;
  });
  const date = new Date().toISOString().slice(0, 10);
  return [
    `Run of ${date} on ${availableParallelism()} cores: ${found.length} copies in ${Math.round(seconds)} s.`,
    '',
    `| copies | ${VERDICTS.join(' | ')} |`,
    `|---|${'---|'.repeat(VERDICTS.length)}`,
    ...counts,
  ].join('\n');
}

const VERDICTS: readonly Verdict[] = [
  'exact',
  'error',
  'no side',
  'no end',
  'swallows',
  'not done',
  'broken tag',
  'leak',
  'not asked',
];

/** The page's part: how it went in all, what was left out, and every case. */
export function partOf(found: readonly Found[], versions: readonly (string | undefined)[], seconds: number): string {
  const missing = programs.filter((_, i) => versions[i] === undefined).map(({ tool }) => tool.name);
  const some = programs.filter((_, i) => versions[i] !== undefined);
  const present = versions.filter((version) => version !== undefined);
  const verdicts = new Map(
    found.map(({ one: { fault, place, when }, program, verdict }) => [
      keyOf(fault.name, formatPlace(place), when.kind, program),
      verdict,
    ]),
  );
  return [
    summary(found, some, present, seconds),
    ...(missing.length === 0 ? [] : ['', `Not on that machine: ${missing.join(', ')}.`]),
    '',
    ...leftOut().map(({ why, names }) => `- Left out, because ${why}: ${names.join('; ')}.`),
    '',
    peerTables(
      some.map(({ tool }) => tool.name),
      (fault, place, when, program) => verdicts.get(keyOf(fault.name, formatPlace(place), when, program)),
    ),
  ].join('\n');
}

async function main(): Promise<void> {
  const word = process.argv.find((arg) => arg.startsWith('--only='))?.slice('--only='.length);
  const versions = await Promise.all(programs.map(({ tool }) => tool.version()));
  const some = programs.filter((_, i) => versions[i] !== undefined);
  const cases = peerCases().filter(({ fault }) => word === undefined || fault.name.includes(word));
  const began = performance.now();
  const found = await putAll(cases, some);
  const part = partOf(found, versions, (performance.now() - began) / 1000);
  console.log(part);
  if (word === undefined) writeFileSync(PAGE, withPart(readFileSync(PAGE, 'utf8'), 'peers', part));
}

if (require.main === module) void main();
