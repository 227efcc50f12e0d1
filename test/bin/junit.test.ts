import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { junitDocument } from '../../bin/junit/document';
import { image } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { type Bench, openBench, QUICK } from './drive';
import { readXml, type XmlElement } from './xml';

let bench: Bench;
let source: RunningRegistry;
let destination: RunningRegistry;
/** Called with each request of the source. */
let heard: () => void;

beforeEach(async () => {
  bench = openBench();
  heard = () => undefined;
  source = await bench.registry({ intercept: () => void heard() });
  destination = await bench.registry();
  source.state.place('org/app', image({ seed: 'app' }), 'v1');
  source.state.place('org/tool', image({ seed: 'tool' }), 'v1');
  mirrors(row('app'), row('tool'));
});
afterEach(() => bench.close());

const row = (name: string, more: object = {}) => ({
  source: `${source.host}/org/${name}:v1`,
  destination: `${destination.host}/m/${name}`,
  ...more,
});
const mirrors = (...rows: readonly object[]) => bench.write('mirrors.yaml', JSON.stringify({ mirrors: rows }));
const nameOf = (name: string) => `${source.host}/org/${name}:v1 → ${destination.host}/m/${name}:v1`;

async function run(command: string, ...flags: readonly string[]) {
  const { code } = await bench.run([command, '-f', 'mirrors.yaml', '--plain-http', ...QUICK, ...flags], {});
  return { code, ...reported() };
}

function reported() {
  const root = readXml(readFileSync(join(bench.folder, 'junit.xml'), 'utf8'));
  const [suite] = root.children as [XmlElement];
  const cases = suite.children.map(({ attributes, children: [child] }) => ({
    row: attributes.classname,
    name: attributes.name,
    ended: child?.name ?? 'passed',
    type: child?.attributes.type,
    said: child?.attributes.message ?? child?.text,
    text: child?.text,
  }));
  return { root, suite, of: (name: string) => cases.find((one) => one.name?.includes(name)), cases };
}
const junit = ['--junit', 'junit.xml'];

describe('a report for pipelines', () => {
  it('has a case for each copy, with what became of it', async () => {
    mirrors(row('app'), row('gone'), row('tool', { paused: true }));
    const { code, suite, root, of, cases } = await run('sync', ...junit);
    expect(code).toBe(1);
    expect(of('app')).toMatchObject({ row: `${source.host}/org/app:v1`, name: nameOf('app'), ended: 'passed' });
    expect(of('gone')).toMatchObject({
      ended: 'failure',
      type: 'REPOSITORY_MISSING',
      said: expect.stringContaining('source: '),
    });
    expect(of('tool')).toMatchObject({ ended: 'skipped', said: expect.stringContaining('paused') });
    expect(cases).toHaveLength(3);
    const counts = { tests: '3', failures: '1', errors: '0', skipped: '1' };
    expect(suite.attributes).toMatchObject({ ...counts, name: 'mirrors.yaml' });
    expect(root.attributes).toMatchObject({ ...counts, name: 'ecr-mirror sync' });
    expect(Number.isNaN(Date.parse(suite.attributes.timestamp ?? ''))).toBe(false);
  });
  it('says of a plan what would be copied, and skips what is there', async () => {
    mirrors(row('app'));
    await run('sync', ...junit);
    mirrors(row('app'), row('tool'));
    const { code, of } = await run('plan', ...junit, '--detailed-exitcode');
    expect(code).toBe(2);
    expect(of('app')).toMatchObject({ ended: 'skipped', said: 'up-to-date' });
    expect(of('tool')).toMatchObject({ ended: 'system-out', said: 'would be copied: missing' });
  });
  it('says of verification what is lacking, and what was mended', async () => {
    await run('sync', ...junit);
    destination.state.repositories.get('m/tool')?.tags.delete('v1');
    const found = await run('verify', ...junit);
    expect(found.code).toBe(1);
    expect(found.of('app')).toMatchObject({ ended: 'passed' });
    expect(found.of('tool')).toMatchObject({ ended: 'failure', text: 'tag v1 is not there' });
    const { code, of } = await run('verify', '--repair', ...junit);
    expect([code, of('tool')]).toEqual([
      0,
      expect.objectContaining({ ended: 'system-out', said: 'repaired: tag v1 is not there' }),
    ]);
  });
  it('calls a copy an error that a stopped run did not come to', async () => {
    const stop = new AbortController();
    stop.abort();
    const argv = ['sync', '-f', 'mirrors.yaml', '--plain-http', ...QUICK, ...junit];
    expect((await bench.run(argv, { signal: stop.signal })).code).toBe(75);
    const { cases, suite } = reported();
    expect(cases.map(({ ended, type }) => [ended, type])).toEqual([
      ['error', 'STOPPED'],
      ['error', 'STOPPED'],
    ]);
    expect(suite.attributes.errors).toBe('2');
  });
  it('holds no good news of an earlier run when a run does not come to its end', async () => {
    await run('sync', ...junit);
    let during = '';
    heard = () => {
      during ||= readFileSync(join(bench.folder, 'junit.xml'), 'utf8');
    };
    await run('plan', ...junit);
    expect(during).toContain('type="INTERRUPTED" message="the run did not come to its end"');
  });
  it('is refused before anything is asked where its file cannot be written', async () => {
    source.forgetRequests();
    const flags = ['sync', '-f', 'mirrors.yaml', '--plain-http', '--junit', 'nowhere/junit.xml'];
    const { code, err } = await bench.run(flags);
    expect([code, err.join()]).toEqual([64, expect.stringContaining('got ENOENT; a file that this user may write')]);
    expect(source.requests).toEqual([]);
  });
});

describe('text that registries and files choose', () => {
  const control = [0, 1, 27].map((code) => String.fromCharCode(code)).join('');
  const hostile = (bad: string) => `</failure><x a="1">&amp;&#0;]]> 'q' ${bad}[31m 🐳\t\n\r\r\n end`;

  it('stays text, without characters that XML has not', () => {
    const [text, kept] = [
      hostile(`${control}\ud800 \udc00\ufffe\uffff`),
      hostile('\ufffd\ufffd\ufffd\ufffd \ufffd\ufffd\ufffd'),
    ];
    const suite = { command: 'sync', file: text, at: 0, seconds: 1.5 };
    const result = { kind: 'failure', type: text, message: text, text } as const;
    const found = readXml(junitDocument(suite, [{ row: text, name: text, seconds: 0, result }])).children[0];
    expect(found?.attributes).toMatchObject({ name: kept, tests: '1', failures: '1', time: '1.500' });
    const failure = found?.children[0]?.children[0];
    expect(failure).toMatchObject({ attributes: { type: kept, message: kept }, text: kept });
  });
  it('would be refused by this reader, were it written as it is', () => {
    for (const text of ['<a b="<"/>', '<a>&x;</a>', `<a>${control}</a>`, '<a><b></a>', '<a b=1/>', '<a/><b/>', '<a']) {
      expect(() => readXml(text)).toThrow();
    }
  });
});
