import { ok, unknown, warning, wrong } from '../../bin/doctor/finding';
import { openDoctorVoice } from '../../bin/doctor/voice';
import { lineVoice } from '../../bin/line-voice';
import { pruneVoice } from '../../bin/prune-voice';
import { lineSelectionVoice } from '../../bin/selection-voice';
import { tellTable } from '../../bin/status-voice';
import type { CopyStatus } from '../../bin/statuses';
import { openVerifyVoice } from '../../bin/verify-voice';
import type { Copy } from '../../lib/model/copy';
import { type Digest, parseDigest } from '../../lib/model/digest';
import type { Outcome } from '../../lib/model/outcome';
import { parseReference } from '../../lib/model/reference';
import { refusalLine } from '../../lib/model/removal';
import { explainSelection } from '../../lib/model/tag-selection';
import { newFigures } from '../../terminal/figures';
import { openBench, record } from '../bin/drive';
import { blocks, read, section } from './documents';

const page = read('docs/command-line.md');
const NGINX = 'docker.io/library/nginx';

/** Blocks of what is printed that were compared, so that none is left out. */
const compared: string[] = [];

/** What is printed as an example below the heading of a command. */
function shown(heading: RegExp, text = page): string {
  const found = text.split('\n').find((line) => heading.test(line)) ?? '';
  const block = blocks(section(text, found), 'text')[0] ?? 'nothing';
  compared.push(block);
  return block;
}

/** What a voice says, to output and error in turn; digests as short as on the page. */
function heard(say: (io: Parameters<typeof lineVoice>[0]) => void): string {
  const both = record();
  say({ stdout: both, stderr: both, env: { NO_COLOR: '1' }, cwd: '/' });
  return both.text().replace(/(sha256[:-][0-9a-f]{4})[0-9a-f]{60}/g, '$1…');
}

const digest = (first: string): Digest => parseDigest(`sha256:${first.padEnd(64, '0')}`);
function copyOf(source: string, destination: string, why: Copy['destinations'][number]['why'] = 'missing'): Copy {
  const pinned = { ...parseReference(source), digest: digest('0') };
  const root = { mediaType: 'application/vnd.oci.image.index.v1+json', digest: digest('0'), size: 1 };
  const destinations = [{ reference: parseReference(destination), why }] as const;
  return { mirrors: [source], source: pinned, root, destinations, referrers: true };
}

describe('what the page shows of', () => {
  it('plan is what it says', () => {
    const to = (tag: string) => `registry.example.com/mirror/docker-hub/library/nginx:${tag}`;
    const exporter = parseReference('quay.io/prometheus/node-exporter:v1.8.2');
    const said = heard((io) => {
      const voice = lineVoice(io, { quiet: false, planning: true });
      voice.skipped({ mirror: 'quay.io/prometheus/node-exporter:v1.8.2', source: exporter, reason: 'paused' });
      voice.planned(copyOf(`${NGINX}:1.27.0`, to('1.27.0')));
      voice.planned(copyOf(`${NGINX}:1.26.3`, to('1.26.3'), 'changed'));
      const pulls = { expected: 34, images: 2, putOff: 1, free: 21, left: 31, limit: 100, window: 21_600 };
      const who = { registry: 'docker.io', source: '203.0.113.7', until: '2026-11-22T03:10:00.000Z' };
      voice.priced({ bytes: [], pulls: [{ ...pulls, ...who }], create: [], quotas: [], unknown: [] });
      const nothing = { copied: 0, left: 0, putOff: 0, size: { bytes: 0, pulls: 0 }, causes: [] };
      const counts = { ...nothing, planned: 2, upToDate: 3, skipped: 1, failed: 0 };
      voice.summary(counts, { ...newFigures(), requests: 12 }, 0.8);
    });
    expect(shown(/^### `plan /)).toBe(said);
  });

  it('verify is what it says', () => {
    const mirror = 'registry.example.com/mirror';
    const ended = (source: string, to: string, more: Partial<Outcome>) => {
      const copy = copyOf(source, to);
      const destination = parseReference(to);
      return [copy, { source: copy.source, destination, state: 'Mirrored', bytes: 0, seconds: 1, ...more }] as const;
    };
    const lack = (text: string) => ({ state: 'Failed', lacks: [text] }) as const;
    const said = heard((io) => {
      const voice = openVerifyVoice(io, { json: false, quiet: false });
      voice.ended(...ended(`${NGINX}:1.27.0`, `${mirror}/nginx:1.27.0`, {}));
      const layer = `layer ${digest('6d3a')} of ${digest('8b1e')} is not there`;
      voice.ended(...ended('docker.io/library/redis:8', `${mirror}/redis:8`, lack(layer)));
      const tag = `tag ${digest('77af').replace(':', '-')}.sig is not there`;
      voice.ended(...ended('ghcr.io/org/app:v1', `${mirror}/app:v1`, lack(tag)));
      voice.close({ ...newFigures(), requests: 41 }, 0.9);
    });
    expect(shown(/^### `verify /)).toBe(said);
  });

  it('tags is what it says', () => {
    const minors = Array.from({ length: 10 }, (_, at) => `1.${20 + at}`);
    const versions = minors.flatMap((minor) => [minor, ...[0, 1, 2, 3, 4].map((patch) => `${minor}.${patch}`)]);
    const variants = versions.map((version) => `${version}-alpine`);
    const all = [...versions, ...variants, 'latest', 'mainline', 'stable', 'stable-alpine'];
    const selection = { semver: '>=1.25', latest: 5 };
    const asked = { mirror: NGINX, source: parseReference(NGINX).repository, selection };
    const said = heard((io) => {
      const voice = lineSelectionVoice(io, { all: false, quiet: false });
      voice.explained(asked, explainSelection(all, selection), undefined);
    });
    expect(shown(/^### `tags /)).toBe(said);
  });

  it('status is what it says', () => {
    const now = Date.parse('2026-11-21T21:02:00Z');
    const own = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/mirror/docker-hub/library';
    const minutes = (count: number) => now - count * 60_000;
    const status = (image: string, facts: object, more: object) =>
      ({
        source: `docker.io/library/${image}`,
        destination: `${own}/${image}`,
        row: `docker.io/library/${image}`,
        checked: minutes(12),
        facts: { source: `docker.io/library/${image}`, destination: `${own}/${image}`, ...facts },
        ...more,
      }) as CopyStatus;
    const redis = {
      state: 'Failed',
      sourceDigest: digest('1f0a8c2'),
      lastMirrored: minutes(3 * 1440),
      staleSince: Date.parse('2026-11-21T16:02:00Z'),
      failures: 5,
      // As the error is put today; what stands around it is compared.
      error: /failed 5 times; (source: .*)/.exec(page)?.[1],
    };
    const nginx = { state: 'Mirrored', sourceDigest: digest('0a399eb'), lastMirrored: minutes(9 * 1440) };
    const copies = [
      status('redis:8', redis, { verdict: 'failed', staleFor: 5 * 3600 }),
      status('nginx:1.27.0', nginx, { verdict: 'fresh' }),
    ];
    const run = { id: 'r-0', started: minutes(12), finished: minutes(12), trigger: 'schedule', continued: false };
    const lastRun = { ...run, rows: 2, copies: 2, errors: [] };
    const counts = { failed: 1, stale: 0, waiting: 0, fresh: 1, idle: 0 };
    const statuses = { copies, counts, controller: { lastRun, lastWholeRun: lastRun }, runs: [], now };
    expect(shown(/^### `status /)).toBe(heard((io) => tellTable(copies, statuses, io, false)));
  });

  it('prune is what it says', () => {
    const repository = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/mirror/docker-hub/library/nginx';
    const copy = (tag: string) => ({
      source: parseReference(`${NGINX}:${tag}`),
      destination: parseReference(`${repository}:${tag}`),
      pushed: digest('0'),
      rows: [NGINX],
      isBusy: false,
    });
    const wanted = ['1.26.0', '1.26.1', '1.27.0', '1.27.1', '1.28.0'];
    const used = 'ECS service shop of cluster live in eu-west-1 uses it';
    const why = `row "${NGINX}" does not select it any more`;
    const decided = [
      { copy: copy('1.25.1'), verdict: { kind: 'kept', reason: 'in-use', detail: used } },
      { copy: copy('1.25.2'), verdict: { kind: 'kept', reason: 'pulled', detail: 'it was pulled on 2026-11-09' } },
      { copy: copy('1.25.0'), verdict: { kind: 'prune', why } },
      ...wanted.map((tag) => ({ copy: copy(tag), verdict: { kind: 'wanted' } as const })),
    ] as const;
    const said = heard((io) => {
      const voice = pruneVoice({ json: false, quiet: false }, io);
      voice.decided({ decided, unseen: [] }, { yes: false, atMost: 100, unseenOk: false });
    });
    expect(shown(/^### `prune`/)).toBe(said.replaceAll(/\d{12}\.dkr\.ecr\.[\w-]+\.amazonaws\.com/g, '…'));
  });

  it('an image that is removed again and again is what its copy says', () => {
    const rule = {
      rulePriority: 1,
      description: 'The last 5',
      selection: { tagStatus: 'tagged', tagPatternList: ['*'], countType: 'imageCountMoreThan', countNumber: 5 },
      action: { type: 'expire' },
    };
    const policy = { kind: 'policy', text: JSON.stringify({ rules: [rule] }), fingerprint: 'f' } as const;
    const destination = '…/mirror/docker-hub/library/nginx:1.25.3';
    const line = refusalLine(
      { times: 3 },
      { destination, tag: '1.25.3', policy },
      Date.parse('2026-11-21T00:00:00Z') / 1,
    );
    expect(
      shown(/^## Images that are removed/, read('docs/rows.md'))
        .split('\n')
        .join(' ')
        .trim(),
    ).toBe(line);
  });

  it('doctor is what it says', () => {
    const [mirror, hub] = ['registry.example.com', 'docker.io'];
    const said = heard((io) => {
      const voice = openDoctorVoice(io, { json: false, quiet: false, all: false });
      voice.found([
        ok('DOCTOR-ROW', 'mirrors.yaml', '3 rows are sound'),
        ok('DOCTOR-CLOCK', 'this machine', 'its clock is right within a few seconds, by 3 hosts'),
        ok('DOCTOR-PULL', hub, 'library/nginx can be pulled as robot'),
        unknown('DOCTOR-MOUNTING', mirror, 'whether it mounts blobs shows when the first copy tries it'),
        warning('DOCTOR-PULLS', hub, '4 of 100 pulls in 6 h 0 min are left to 203.0.113.7'),
        {
          ...wrong(
            'DOCTOR-PUSH',
            `${mirror}/mirror/nginx`,
            'may not be pushed to as ci: 403 DENIED requested access to the resource is denied',
            'check the credential for registry.example.com, what it may do, and the name',
          ),
          errorCode: 'AUTH_DENIED',
        },
      ]);
      voice.close();
    });
    expect(shown(/^### `doctor`/)).toBe(said);
  });

  it('explain is what it says', async () => {
    const bench = openBench();
    try {
      const { out } = await bench.run(['explain', 'TAG_IMMUTABLE']);
      expect(
        shown(/^### `explain /)
          .trimEnd()
          .split('\n'),
      ).toEqual(out);
    } finally {
      await bench.close();
    }
  });

  it('any other command is compared, too', () => {
    const printed = [page, read('docs/rows.md')].flatMap((text) => blocks(text, 'text'));
    expect(printed.filter((block) => !compared.includes(block))).toEqual([]);
  });
});
