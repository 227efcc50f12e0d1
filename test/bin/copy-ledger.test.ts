import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileLedger, readFileCopies } from '../../bin/copy-ledger';
import type { Skipped } from '../../lib/model/copy';
import { parseDigest } from '../../lib/model/digest';
import { parseReference } from '../../lib/model/reference';

const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
const file = join(folder, 'state.json');
afterEach(() => rmSync(file, { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
const same: Skipped = {
  mirror: 'row',
  source: { ...parseReference('a.io/app:1'), digest },
  destination: parseReference('b.io/app:1'),
  reason: 'up-to-date',
};
const gone: Skipped = { mirror: 'row', source: parseReference('a.io/app:2'), reason: 'source-failed', detail: 'gone' };

async function round(now: number, ...skipped: readonly Skipped[]) {
  const ledger = fileLedger(file);
  for (const one of skipped) ledger.skipped(one);
  await ledger.write(now);
  return readFileCopies(file);
}

it('keeps since when something is wrong with a row, whatever its other images come to', async () => {
  await round(1000, gone, same);
  const { rows, copies } = await round(2000, same, gone);
  expect(rows.get('row')).toEqual({ problem: { state: 'Failed', error: 'gone' }, staleSince: 1000 });
  expect(copies).toMatchObject([{ source: 'a.io/app:1', state: 'Mirrored', lastChecked: 2000 }]);
});

it('forgets what was wrong with a row once all its images are well', async () => {
  await round(1000, gone, same);
  expect((await round(2000, same)).rows.size).toBe(0);
});

it('leaves alone what is not looked at, and forgets it after more than a year', async () => {
  await round(1000, gone, same);
  const untouched = await round(2000, { mirror: 'row', reason: 'not-due' });
  expect(untouched.rows.get('row')?.staleSince).toBe(1000);
  expect(untouched.copies).toHaveLength(1);
  expect((await round(1000 + 401 * 86_400_000)).copies).toEqual([]);
});

it('counts failures from the first to the one that is mended, and keeps what the destination holds', async () => {
  const refused: Skipped = { ...same, reason: 'destination-failed', detail: 'no' };
  await round(1000, same);
  await round(2000, refused);
  expect((await round(3000, refused)).copies).toMatchObject([
    { state: 'Failed', failures: 2, staleSince: 2000, lastChecked: 3000, digest, error: 'no' },
  ]);
  const several = await round(3500, refused, { ...refused, mirror: 'another row' });
  expect(several.copies).toMatchObject([{ failures: 3, lastChecked: 3500 }]);
  const [mended] = (await round(4000, same)).copies;
  expect(mended).toEqual({
    source: 'a.io/app:1',
    destination: 'b.io/app:1',
    state: 'Mirrored',
    digest,
    sourceDigest: digest,
    lastChecked: 4000,
  });
});
