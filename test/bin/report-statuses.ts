import { judge, type Statuses } from '../../bin/statuses';
import type { CopyFacts } from '../../lib/model/freshness';
import { parseRow } from '../../lib/model/mirror-row';
import type { RunFacts } from '../../lib/model/run-history';

export const NOW = Date.parse('2026-11-20T12:00:00Z');
export const OWN = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const HOUR = 3_600_000;

/** What a stranger would like a page to run, or a terminal. */
export const HOSTILE = `<script>document.title='owned'</script><img src="https://evil.example/x" onerror="document.title='owned'">\u001b[31m\u202e"'&</style></script>`;

/** A mirror in which something of everything is, and a stranger's text wherever a registry or a row may bring one. */
export function someStatuses(): Statuses {
  const copies: CopyFacts[] = [
    copy('alpine', { bytes: 900, lastMirrored: NOW - 200 * HOUR }),
    copy('nginx', { bytes: 30_000_000, lastMirrored: NOW - 3 * HOUR }),
    copy('busybox', { state: 'Failed', staleSince: NOW - 30 * HOUR, failures: 17, error: `source: ${HOSTILE}` }),
    copy('redis', { state: 'Queued', staleSince: NOW - 27 * HOUR, bytes: 5_000_000 }),
    copy('traefik', { state: 'Copying', staleSince: NOW - HOUR / 10 }),
    copy('gone', { digest: HOSTILE, sourceDigest: HOSTILE }),
  ];
  const rows = ['alpine', 'nginx', 'busybox', 'redis', 'traefik'].map((name) => ({
    Source: `docker.io/library/${name}:1`,
  }));
  const parsed = [...rows, { Source: HOSTILE }, { Source: 'quay.io/org/app:1', Destinatoin: HOSTILE }].map((row) =>
    parseRow(row, { mapping: { registry: OWN, prefix: 'mirror' } }),
  );
  const runs = [1, 2, 3].map((hours) => run(hours, hours === 2 ? [`submit job: ${HOSTILE}`] : []));
  return judge(parsed, { copies, rows: new Map(), runs }, { now: NOW });
}

function copy(name: string, more: Partial<CopyFacts>): CopyFacts {
  return {
    source: `docker.io/library/${name}:1`,
    destination: `${OWN}/mirror/docker-hub/library/${name}:1`,
    state: 'Mirrored',
    digest: `sha256:${'a'.repeat(64)}`,
    sourceDigest: `sha256:${'a'.repeat(64)}`,
    lastChecked: NOW - 2 * HOUR,
    ...more,
  };
}

function run(hours: number, errors: readonly string[]): RunFacts {
  const started = NOW - hours * HOUR;
  return {
    id: `${hours}-0`,
    started,
    finished: started + 3400,
    trigger: 'schedule',
    continued: false,
    rows: 7,
    copies: 1,
    errors,
  };
}
