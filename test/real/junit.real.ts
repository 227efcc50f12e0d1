import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { junitDocument } from '../../bin/junit/document';
import { MediaType } from '../../lib/model/descriptor';
import { ecrMirror, expectExit, withMirrors } from './ecr-mirror';
import { describeWith, which } from './needs';
import { run } from './process';
import { pushBlob, pushImage } from './push';
import { type RealRegistry, startDockerRegistry } from './registries';
import { withFolder } from './temporary';

/** What a reader of JUnit reports (go-junit, by Go's own XML parser) finds in one. @throws with what it refuses */
async function read(file: string) {
  return JSON.parse(await run(which('pull-config-consumers') as string, ['junit', file]));
}

describeWith(
  ['pull-config-consumers', 'docker-registry'],
  'a report for pipelines, read by a reader of such reports',
  () => {
    let registry: RealRegistry;
    beforeAll(async () => {
      registry = await startDockerRegistry();
      const place = { url: registry.url, repository: 'app' };
      const layer = await pushBlob(place, Buffer.from('a layer'), MediaType.OCI_LAYER);
      await pushImage(place, 'v1', [layer]);
    });
    afterAll(() => registry.close());

    it('has a test for each copy', async () => {
      const names = ['app:v1', 'gone:v1'];
      const mirrors = names.map((name) => ({
        source: `${registry.host}/${name}`,
        destination: `${registry.host}/mirror/${name.split(':')[0]}`,
      }));
      await withMirrors(mirrors, (file) =>
        withFolder(async (folder) => {
          const report = join(folder, 'junit.xml');
          const flags = ['--plain-http', '--attempts', '1', '--junit', report];
          expectExit(await ecrMirror('sync', '-f', file, ...flags), 1);
          const [suite] = await read(report);
          expect(suite.totals).toMatchObject({ tests: 2, passed: 1, failed: 1, skipped: 0, error: 0 });
          const ends = suite.tests.map(({ classname, status }: { classname: string; status: string }) => [
            classname,
            status,
          ]);
          expect(new Map(ends)).toEqual(
            new Map([
              [`${registry.host}/app:v1`, 'passed'],
              [`${registry.host}/gone:v1`, 'failed'],
            ]),
          );
          const failed = suite.tests.find(({ status }: { status: string }) => status === 'failed');
          expect(failed.message).toContain('source: ');
          writeFileSync(report, readFileSync(report, 'utf8').replace('</testcase>', ''));
          await expect(read(report)).rejects.toThrow('XML');
        }),
      );
    });
    it('keeps text as it was that registries chose', async () => {
      const text = `</failure>&amp;]]> "q" ${String.fromCharCode(1)}\ud800 🐳\t\n\r end`;
      const result = { kind: 'failure', type: text, message: text, text } as const;
      const suite = { command: 'sync', file: text, at: 0, seconds: 1 };
      await withFolder(async (folder) => {
        const file = join(folder, 'junit.xml');
        writeFileSync(file, junitDocument(suite, [{ row: text, name: text, seconds: 0, result }]));
        const kept = text.replace(String.fromCharCode(1), '\ufffd').replace('\ud800 ', '\ufffd ');
        const [found] = await read(file);
        expect([found.name, found.tests[0].name, found.tests[0].message]).toEqual([kept, kept, kept]);
      });
    });
  },
);
