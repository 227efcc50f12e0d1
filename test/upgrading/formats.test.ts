import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { parse } from 'yaml';
import { readObserved } from '../../aws/observed';
import { readFileCopies } from '../../bin/copy-ledger';
import { openMemory } from '../../bin/memory';
import { readState, writeState } from '../../bin/state-file';
import { parseJobParameters } from '../../lib/model/job';
import { parseMirrorFile } from '../../lib/model/mirror-file';
import { parseRow } from '../../lib/model/mirror-row';
import { parseSettings, serialiseSettings } from '../../lib/model/settings-document';
import { formatWork, parseWork } from '../../lib/model/work';
import { image, pushBuilt } from '../../local/images';
import { startMirror, type TestMirror } from '../aws/mirror';

/**
 * What versions have written, a folder for each: files are added and never changed. What docs/upgrading.md promises of them.
 */
const VERSIONS = readdirSync(__dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe.each(VERSIONS.map(({ name }) => name))('what %s wrote', (version) => {
  const read = (file: string) => readFileSync(join(__dirname, version, file), 'utf8');
  const tables = JSON.parse(read('tables.json'));
  const written = Date.parse(tables.written);
  const days = (count: number) => count * 86_400;

  describe('into tables', () => {
    let mirror: TestMirror;

    beforeEach(async () => {
      mirror = await startMirror();
      mirror.clock.advance((written - mirror.clock.now()) / 1000 + 60);
      await mirror.put(...tables.mirrors);
      for (const Item of tables.copies) {
        await mirror.stack.copies.documents.send(new PutCommand({ TableName: 'copies', Item }));
      }
      await mirror.publish('app', '1', 'app 1');
      await mirror.publish('next', '1', 'next 1');
      await pushBuilt(mirror.destination.address, 'mirror/app', image({ seed: 'app 1' }), ['1']);
    });
    afterEach(() => mirror.close());

    it('is told as it was: what is mirrored, what waits, and what is wrong with which row', async () => {
      const { copies, rows, runs } = await readObserved(mirror.stack.copies);
      expect(copies.map(({ destination, state }) => [destination, state]).sort()).toEqual([
        ['destination.test/mirror/app:1', 'Mirrored'],
        ['destination.test/mirror/next:1', 'Queued'],
        ['destination.test/mirror/young:1', 'Quarantined'],
      ]);
      const problems = [...rows].map(([key, { problem }]) => [key, problem?.state] as const).sort();
      expect(problems).toEqual([
        ['upstream.test/Bad:1', 'Invalid'],
        ['upstream.test/gone:1', 'Failed'],
      ]);
      expect(runs.length).toBeGreaterThan(0);
    });

    it('is gone on with: nothing is copied again, and nothing is planned twice', async () => {
      await mirror.call({});
      expect(mirror.submitted).toEqual([]);
      const copy = await mirror.copy('upstream.test/app:1', 'destination.test/mirror/app:1');
      const [before] = tables.copies.filter(
        ({ Destination }: { Destination: string }) => Destination === copy?.Destination,
      );
      expect(copy).toMatchObject({ State: 'Mirrored', LastMirrored: before.LastMirrored, Digest: before.Digest });
    });

    it('is worked off: a job that was submitted before the update', async () => {
      expect(await mirror.run(parseJobParameters(tables.submitted), 'job-of-before')).toBe(0);
      expect(await mirror.copy('upstream.test/next:1', 'destination.test/mirror/next:1')).toMatchObject({
        State: 'Mirrored',
      });
    });

    it('is remembered: an image is as old as it was', async () => {
      mirror.clock.advance(days(3));
      await mirror.call({});
      await mirror.runSubmitted();
      expect(await mirror.copy('upstream.test/app:1', 'destination.test/mirror/young:1')).toMatchObject({
        State: 'Mirrored',
      });
    });
  });

  it('into a work list is written the same today, or its version is another', () => {
    const [text] = tables.copies.flatMap(({ Work }: { Work?: string }) => Work ?? []);
    expect(formatWork(parseWork(text))).toEqual([text]);
  });

  it('into the settings is read, and says the same', () => {
    const settings = JSON.parse(read('settings.json'));
    expect(parseSettings(JSON.stringify(settings))).toEqual(settings);
    expect(JSON.parse(serialiseSettings(settings))).toEqual(settings);
  });

  it('into a state file is remembered, whoever writes to it next', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'upgrading-'));
    const file = join(folder, 'state.json');
    try {
      writeFileSync(file, read('state.json'));
      const rows = await readState(file);
      expect(rows.get('upstream.example.com/app:1')).toMatchObject({ checked: written, failed: true });
      await writeState(file, rows);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(read('state.json')));
      expect((await readFileCopies(file)).copies).toMatchObject([{ state: 'Mirrored', bytes: 5542 }]);
      const { sightings, waitingSince } = await openMemory(file);
      expect(waitingSince('upstream.example.com/app:1')).toBe(written - 647);
      const name = 'upstream.example.com/app:1';
      const [known] = JSON.parse(read('state.json')).seen[name].digests;
      const look = { name, digest: known.digest, held: [], least: days(3), most: days(3) };
      expect(await sightings.note([look], written + 1000)).toEqual([[known]]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('into a file of mirrors can be used as it is', () => {
    const { rows, problems } = parseMirrorFile(parse(read('mirrors.yaml'), { version: '1.2' }));
    expect([...problems, ...rows.flatMap((row) => row.problems)]).toEqual([]);
    expect(rows).toHaveLength(2);
  });
});

describe('after going back to a version before', () => {
  const row = { Source: 'docker.io/library/nginx:1.27', Destination: 'registry.example.com/nginx' };

  it('a row with an attribute of a later version is mirrored without it, and a line says so', () => {
    const { mirror, problems } = parseRow({ ...row, Sharpness: 'high' }, { mapping: {} });
    expect(mirror).toBeDefined();
    expect(problems).toMatchObject([{ severity: 'warning', attribute: 'Sharpness' }]);
  });

  it('settings of a later version are refused: what they forbid is not known', () => {
    const settings = { permissions: { sources: [], destinations: [], outward: [] }, mapping: {}, credentials: [] };
    expect(() => parseSettings(JSON.stringify({ ...settings, quarantine: [] }))).toThrow(
      /got "quarantine"; only .* would do/,
    );
  });

  it.each([
    ['a work list', () => parseWork('{"version":2,"copies":[]}'), /version 1/],
    ['no work list', () => parseWork('[]'), /work list/],
  ])('%s of a later version is refused, in one line', (_what, act, message) => expect(act).toThrow(message));

  it('a state file of a later version is refused, and left as it is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'upgrading-'));
    const file = join(folder, 'state.json');
    try {
      const text = JSON.stringify({ kind: 'ecr-mirror state', version: 2, rows: {} });
      writeFileSync(file, text);
      await expect(readState(file)).rejects.toThrow(/got a file that is none/);
      await expect(writeState(file, new Map())).rejects.toThrow(/got a file that is none/);
      expect(readFileSync(file, 'utf8')).toBe(text);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
