import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileSightings } from '../../bin/seen-file';
import { readState, writeState } from '../../bin/state-file';
import { parseDigest } from '../../lib/model/digest';
import { describeSightings } from '../suites/sightings';

const DAY = 86_400_000;
const T = Date.parse('2026-01-01T00:00:00Z');
const A = parseDigest(`sha256:${'a'.repeat(64)}`);
const look = (name: string) => ({ name, digest: A, held: [], least: 60, most: 60 });
const folder = mkdtempSync(join(tmpdir(), 'seen-'));
let file: string;
let count = 0;
beforeEach(() => {
  file = join(folder, `${++count}.json`);
});
afterAll(() => rmSync(folder, { recursive: true }));

describeSightings('sightings in a state file', {
  open: async ({ lookOnly } = {}) => fileSightings(file, lookOnly),
  alone: true,
});

const written = () => JSON.parse(readFileSync(file, 'utf8'));

describe('a state file with sightings', () => {
  it('keeps what it says about rows, and rows what it says about sightings', async () => {
    await writeState(file, new Map([['row', { checked: T, failed: true }]]));
    await fileSightings(file).note([look('a')], T);
    await writeState(file, new Map([['row', { checked: T + 1 }]]));
    expect(written()).toEqual({
      kind: 'ecr-mirror state',
      version: 1,
      rows: { row: { checked: T + 1 } },
      seen: { a: { noted: T, digests: [{ digest: A, since: T }] } },
    });
    expect(await readState(file)).toEqual(new Map([['row', { checked: T + 1 }]]));
  });

  it('is not there for who only looks, and not written while nothing is new', async () => {
    await fileSightings(file, true).note([look('a')], T);
    expect(existsSync(file)).toBe(false);
    await fileSightings(file).note([look('a')], T);
    rmSync(file);
    writeFileSync(file, JSON.stringify({ kind: 'ecr-mirror state', version: 1, rows: {}, seen: {}, more: 1 }));
    await fileSightings(file).note([], T);
    expect(written()).toHaveProperty('more');
  });

  it('forgets what nobody has looked at for 200 days, and nothing that somebody has', async () => {
    const sightings = fileSightings(file);
    await sightings.note([look('a'), look('b')], T);
    for (const days of [90, 180, 270]) await sightings.note([look('a')], T + days * DAY);
    await sightings.note([look('c')], T + 271 * DAY);
    expect(Object.keys(written().seen)).toEqual(['a', 'c']);
    expect(written().seen.a.digests).toEqual([{ digest: A, since: T }]);
  });

  it('leaves out what somebody has written that makes no sense', async () => {
    const seen = {
      a: { noted: T, digests: [5, { digest: 'x', since: 1 }, { digest: A, since: 'then' }] },
      b: 7,
      c: {},
    };
    writeFileSync(file, JSON.stringify({ kind: 'ecr-mirror state', version: 1, rows: {}, seen }));
    expect(await fileSightings(file).note([look('a'), look('b')], T)).toEqual([
      [{ digest: A, since: T }],
      [{ digest: A, since: T }],
    ]);
  });
});
