import { parseCommandLine } from '../../bin/arguments';
import { COMMANDS } from '../../bin/command-list';
import { completion } from '../../bin/commands/completion';
import { allCodes, tellCodes } from '../../bin/commands/explain';
import { tellRows } from '../../bin/commands/list';
import { DOCTOR_CODES } from '../../bin/doctor/codes';
import { wrong } from '../../bin/doctor/finding';
import { openDoctorVoice } from '../../bin/doctor/voice';
import { fatal } from '../../bin/exit';
import { COMMON_FLAGS, FLAGS, type Flag, type FlagName, NETWORK_FLAGS } from '../../bin/flags';
import { tellContents } from '../../bin/layout-voice';
import { parseLocation } from '../../bin/location';
import { pruneVoice } from '../../bin/prune-voice';
import { rowVoice } from '../../bin/row-voice';
import { readReply, tellReply } from '../../bin/run-voice';
import { jsonSelectionVoice } from '../../bin/selection-voice';
import { tellJson } from '../../bin/status-voice';
import { openVerifyVoice } from '../../bin/verify-voice';
import { jsonVoice } from '../../bin/voices';
import type { Copy } from '../../lib/model/copy';
import { parseDigest } from '../../lib/model/digest';
import { ExitCode, type Outcome } from '../../lib/model/outcome';
import { parseReference } from '../../lib/model/reference';
import { explainSelection } from '../../lib/model/tag-selection';
import { newFigures } from '../../terminal/figures';
import { documents, quoted, read, section, tableRows, typed } from './documents';

const page = read('docs/command-line.md');

describe('the page on the command line', () => {
  it('has a heading for each command, with its usage', () => {
    for (const { usage } of COMMANDS) expect(page).toContain(`\n### \`${usage}\`\n`);
  });

  it('describes each flag of each command, and none that there is not', () => {
    const described = tableRows(section(page, '## Flags')).map(([flag, commands]) => ({ flag, commands }));
    const expected = FLAGS.map((flag: Flag) => {
      const { name, short, value, optional } = flag;
      const shown = `--${name}${value === undefined ? '' : optional === true ? `[=${value}]` : ` ${value}`}`;
      const takers = COMMANDS.filter(({ flags }) => flags.some((one) => one === name)).map((command) => command.name);
      const among = (names: readonly FlagName[]) => names.some((one) => one === name);
      const commands = among(COMMON_FLAGS) ? ['all'] : among(NETWORK_FLAGS) ? ['all that ask somebody'] : takers;
      return {
        flag: short === undefined ? `\`${shown}\`` : `\`-${short}\`, \`${shown}\``,
        commands: commands.sort().join(', '),
      };
    });
    const sorted = described.map(({ flag, commands = '' }) => ({
      flag,
      commands: commands.split(', ').sort().join(', '),
    }));
    expect(sorted).toEqual(expect.arrayContaining(expected));
    expect(described).toHaveLength(expected.length);
  });

  it('says the defaults that help says', () => {
    for (const { name, help } of FLAGS as readonly Flag[]) {
      const [, fallback] = /\(default (\S+)\)/.exec(help) ?? [];
      if (fallback === undefined) continue;
      const row = tableRows(section(page, '## Flags')).find(([flag]) => flag?.includes(`--${name}`));
      expect(`${name} ${row?.at(-1)?.replaceAll('`', '')}`).toBe(`${name} ${fallback}`);
    }
  });

  it('says what each code of doctor looks at, and has no other', () => {
    const codes = tableRows(section(page, '### `doctor`')).map(([code]) => quoted(code ?? '')[0]);
    expect(codes).toEqual(Object.keys(DOCTOR_CODES));
  });

  it('lists each exit code, and no other', () => {
    const codes = tableRows(section(page, '## Exit codes')).map(([code]) => Number(code));
    expect(codes).toEqual(Object.values(ExitCode));
  });

  it('lists each field of each JSON line, and no other', () => {
    const told = fieldsByEvent();
    const described = tableRows(section(page, '## JSON lines'));
    expect(described.flatMap(([event]) => quoted(event ?? '')).sort()).toEqual([...told.keys()].sort());
    const single = described.flatMap(([events, when, fields]) =>
      quoted(events ?? '').map((event) => [`\`${event}\``, when, fields] as const),
    );
    for (const [event, , fields] of single) {
      const words = new Set(quoted(fields ?? ''));
      for (const word of ['--sizes', 'plan', 'copy-failed', 'conflict', 'quarantined', '--yes', 'verify', '--output'])
        words.delete(word);
      expect([event, [...words].sort()]).toEqual([event, [...(told.get(quoted(event ?? '')[0] ?? '') ?? [])].sort()]);
    }
  });
});

describe('what documents tell people to type', () => {
  const ours = documents().flatMap((path) =>
    typed(read(path)).flatMap((words) => (words[0] === 'ecr-mirror' ? [[path, words.slice(1)] as const] : [])),
  );

  it('is somewhere', () => expect(ours.length).toBeGreaterThan(10));

  it.each(ours)('%s: ecr-mirror %j', (_path, words) => {
    const invocation = parseCommandLine(words);
    if (invocation.kind !== 'run' || invocation.command.name !== 'copy') return;
    const places = invocation.arguments.flatMap((word) => word.split(','));
    for (const place of places) expect(() => parseLocation(place.replace('{tag}', 'v1'), '/')).not.toThrow();
  });

  it('is in the help as well', () => {
    for (const example of COMMANDS.flatMap(({ examples }) => examples)) {
      const [, typed = ''] = /ecr-mirror ([^|>)]*)/.exec(example.replaceAll('>=', '≥')) ?? [];
      const words = [...typed.matchAll(/'([^']*)'|(\S+)/g)].map(([, inQuotes, word]) => inQuotes ?? word ?? '');
      expect(() => parseCommandLine(words)).not.toThrow();
    }
  });
});

/** What machines are told, by running what tells them. */
function fieldsByEvent(): ReadonlyMap<string, ReadonlySet<string>> {
  const told = new Map<string, Set<string>>();
  const write = (line: string) => {
    const { event, ...fields } = JSON.parse(line);
    told.set(event, new Set([...(told.get(event) ?? []), ...Object.keys(fields)]));
  };
  const voiceOf = (planning: boolean) => {
    return jsonVoice({ stdout: { write }, stderr: { write }, env: {}, cwd: '/' }, { planning });
  };
  const digest = parseDigest(`sha256:${'0'.repeat(64)}`);
  const source = { ...parseReference('a.io/b:1'), digest };
  const destination = parseReference('c.io/d:1');
  const root = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 1 };
  const destinations = [{ reference: destination, why: 'missing' }] as const;
  const copy: Copy = { mirrors: ['m'], source, root, destinations, referrers: true };
  const outcome: Outcome = {
    source,
    destination,
    state: 'Failed',
    bytes: 1,
    seconds: 1,
    cause: 'denied',
    code: 'AUTH_DENIED',
  };
  const about = { source, destination, mirror: 'm', detail: 'd', cause: 'denied' } as const;
  const [voice, planning] = [voiceOf(false), voiceOf(true)];
  const held = { name: 'a.io/b:1', root, annotations: {}, content: [root], lacks: [], problem: 'x', referrers: 0 };
  tellContents([held], { stdout: { write }, stderr: { write }, env: {}, cwd: '/' });
  voice.warn('m', 'x');
  voice.trouble('x', 'INTERNAL');
  fatal(new Error('x'), { debug: false, json: true }, { stdout: { write }, stderr: { write: () => true } });
  planning.planned(copy, { bytes: 1, pulls: 1 });
  planning.priced({
    bytes: [],
    pulls: [],
    create: ['c.io/d'],
    quotas: [],
    storage: { bytes: 1, usd: 1, region: 'r' },
    unknown: ['x'],
  });
  voice.copied(copy, { ...outcome, platforms: [{ os: 'linux', architecture: 'amd64' }], tag: 't', kept: 'k' });
  voice.skipped({ ...about, reason: 'too-young' });
  voice.failed({ what: 'w', error: 'e', code: 'AUTH_DENIED' }, { ...outcome, mirrors: ['m'] });
  voice.failed({ what: 'w', error: 'e' }, { ...about, reason: 'source-failed' });
  const numbers = { planned: 0, copied: 0, upToDate: 0, skipped: 0, failed: 0, left: 0, putOff: 0 };
  completion(['bash'], { json: true }, { stdout: { write }, stderr: { write }, env: {}, cwd: '/' });
  tellDeployed(write);
  tellCodes(allCodes(), { stdout: { write } });
  tellSelection(write);
  tellPruning(write);
  tellVerified(write, copy, outcome);
  tellDoctor(write);
  planning.summary({ ...numbers, size: { bytes: 0, pulls: 0 }, causes: [] }, newFigures(), 1);
  return told;
}

/** What machines are told of what is verified. */
function tellVerified(write: (line: string) => void, copy: Copy, outcome: Outcome): void {
  const io = { stdout: { write }, stderr: { write }, env: {}, cwd: '/' };
  const voice = openVerifyVoice(io, { json: true, quiet: false });
  voice.ended(copy, { ...outcome, error: 'e', lacks: ['l'] });
  voice.close(newFigures(), 1);
}

/** What machines are told of what is looked at. */
function tellDoctor(write: (line: string) => void): void {
  const voice = openDoctorVoice({ stdout: { write }, env: {} }, { json: true, quiet: false, all: false });
  voice.found([{ ...wrong('DOCTOR-ROW', 'p', 's', 'r'), errorCode: 'ROW_INVALID' }]);
  voice.close();
}

/** What machines are told of what is pruned. */
function tellPruning(write: (line: string) => void): void {
  const voice = pruneVoice({ json: true, quiet: false }, { stdout: { write }, stderr: { write }, env: {}, cwd: '/' });
  const [source, destination] = [parseReference('a.io/b:1'), parseReference('c.io/d:1')];
  const copy = { source, destination, pushed: parseDigest(`sha256:${'0'.repeat(64)}`), rows: ['m'], isBusy: false };
  const decided = [
    { copy, verdict: { kind: 'prune', why: 'w' } },
    { copy, verdict: { kind: 'kept', reason: 'busy', detail: 'd' } },
  ] as const;
  voice.decided({ decided, unseen: [{ what: 'x' }] }, { yes: true, atMost: 1, unseenOk: false });
  voice.pruned([{ copy }, { copy, error: 'e' }]);
}

/** What machines are told of a selection of tags. */
function tellSelection(write: (line: string) => void): void {
  const asked = { mirror: 'm', source: parseReference('a.io/b').repository, selection: { latest: 1 } };
  const voice = jsonSelectionVoice({ stdout: { write }, stderr: { write }, env: {}, cwd: '/' });
  voice.explained(asked, explainSelection(['1', '2'], asked.selection), 'p');
}

/** What machines are told of a deployed stack. */
function tellDeployed(write: (line: string) => void): void {
  const io = { stdout: { write }, stderr: { write }, env: {}, cwd: '/' };
  const pair = { source: 'a.io/b:1', destination: 'c.io/d:1' };
  const facts = { ...pair, state: 'Failed' as const, digest: 'd', sourceDigest: 'd', lastMirrored: 1, staleSince: 1 };
  const known = {
    ...pair,
    row: 'r',
    facts: { ...facts, bytes: 1, failures: 1, error: 'e', code: 'AUTH_DENIED' },
    checked: 1,
  };
  const run = {
    id: 'r-0',
    started: 1,
    finished: 1,
    trigger: 'schedule',
    continued: false,
    rows: 1,
    copies: 1,
    errors: [],
  };
  const copies = [{ ...known, rows: ['a.io/b:1', 'b'], verdict: 'failed' as const, staleFor: 1, why: 'w' }];
  const counts = { failed: 1, stale: 0, waiting: 0, fresh: 0, idle: 0 };
  tellJson(
    copies,
    { copies, counts, controller: { lastRun: run, lastWholeRun: run, silentFor: 1 }, runs: [], now: 1 },
    io,
  );
  const item = { Source: 'a.io/b:1' };
  tellRows([{ item, row: { key: 'a.io/b:1', problems: [] } }], io);
  const voice = rowVoice({ json: true, quiet: false }, io);
  voice.done('added', item, '');
  voice.done('removed', item, '');
  const reply = { run: 'r', trigger: 't', rows: 1, copies: 1, jobs: [], skipped: {}, notes: [], errors: [] };
  tellReply(readReply({ result: { ...reply, continued: false } }), { json: true, quiet: false }, io);
  const planned = { source: 'a.io/b:1', digest: 'd', destinations: [{ to: 'c.io/d:1', why: 'missing' }] };
  const result = { dryRun: true, copies: [planned], skipped: [{ mirror: 'm', reason: 'paused' }], left: 0 };
  tellReply(readReply({ result }), { json: true, quiet: false }, io);
  tellReply(readReply({ error: 'e' }), { json: true, quiet: false }, io);
}
