import { jsonLog } from '../../aws/log';
import { image } from '../../local/images';
import type { TestMirror } from '../aws/mirror';
import { type Bench, openBench, QUICK } from '../bin/drive';
import { saidOf, startDefaultMirror } from './deployed';

/** A metric, as a line of its own, in a window title, in colours, turned around, and by C1 controls. */
const METRIC = '{"_aws":{"CloudWatchMetrics":[{"Namespace":"EcrMirror","Metrics":[{"Name":"Failed"}]}]},"Failed":0}';
const HOSTILE = `no\r\n${METRIC}\n\x1b]0;title\x07\x1b[2J\x9b31m\u202egnorw\u2028\u0085`;
/** All that may drive a terminal, end a line of a log, or turn one around. */
const DRIVES = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

const errors = (message: string) => JSON.stringify({ errors: [{ code: 'DENIED', message }] });

describe('what a registry says', () => {
  let mirror: TestMirror;
  beforeEach(async () => {
    mirror = await startDefaultMirror();
  });
  afterEach(() => mirror.close());

  /** Lines of the log, as controller and worker write them. */
  const lines = () => {
    const written: string[] = [];
    const log = jsonLog((line) => written.push(line));
    for (const { event, fields } of mirror.logged) log(event, fields);
    return written;
  };

  it.each([
    ['an error of the distribution specification', 403, errors(HOSTILE)],
    ['an error that is no JSON', 500, HOSTILE],
    ['an error that is nothing but a metric', 400, METRIC],
    ['an error whose code is text', 403, JSON.stringify({ errors: [{ code: HOSTILE, message: 7 }] })],
  ])('becomes no metric, no line and no escape in logs, tables and events: %s', async (_what, status, body) => {
    await mirror.publish('app', '1', 'app');
    await mirror.put({ Source: 'upstream.test/app:1', Destination: 'destination.test/mirror/app:1' });
    await mirror.call({});
    mirror.upstream.intercept(({ method }) => (method === 'GET' ? { status, body } : undefined));
    expect(await mirror.runSubmitted()).not.toEqual([0]);
    const { Error: error } = (await mirror.copy('upstream.test/app:1', 'destination.test/mirror/app:1')) ?? {};
    expect(error).toMatch(/^source: .*: (?:403|400|500)\b/);
    const told = [String(error), ...mirror.events.map(({ Detail = '' }) => JSON.parse(Detail).error), ...lines()];
    expect(told.length).toBeGreaterThan(3);
    for (const text of told) expect(text).not.toMatch(DRIVES);
    for (const line of lines()) expect(JSON.parse(line)).not.toHaveProperty('_aws');
  });

  it('when rows are planned becomes none either, nor in the reply', async () => {
    mirror.upstream.intercept(() => ({ status: 403, body: errors(HOSTILE) }));
    await mirror.put({ Source: 'upstream.test/app:1', Destination: 'destination.test/mirror/app:1' });
    const reply = await mirror.call({});
    const { Error: error } = await saidOf(mirror, 'upstream.test/app:1');
    expect(reply.notes).toHaveLength(1);
    for (const text of [error, JSON.stringify(reply), ...lines()]) expect(text).not.toMatch(DRIVES);
    for (const line of lines()) expect(JSON.parse(line)).not.toHaveProperty('_aws');
  });
});

describe('what a row says', () => {
  let mirror: TestMirror;
  beforeEach(async () => {
    mirror = await startDefaultMirror();
  });
  afterEach(() => mirror.close());

  it('becomes no metric, no line and no escape, in no attribute', async () => {
    for (const name of ['b', 'c']) await mirror.publish(name, '1', name);
    await mirror.put(
      { Source: `${HOSTILE}1`, From: HOSTILE, Destination: HOSTILE },
      { Source: `${HOSTILE}2`, From: 'upstream.test/app:1', Destination: 'stranger.test/app', [HOSTILE]: HOSTILE },
      {
        Source: `${HOSTILE}3`,
        From: 'upstream.test/a',
        Destination: 'destination.test/mirror/a',
        Tags: { Include: [HOSTILE] },
      },
      { Source: `${HOSTILE}4`, From: 'upstream.test/b:1', Destination: 'destination.test/mirror/b:1', Owner: HOSTILE },
      { Source: `${HOSTILE}5`, From: 'upstream.test/c:1', Destination: 'destination.test/mirror/b:1', Note: HOSTILE },
    );
    const reply = await mirror.call({});
    expect(JSON.stringify(reply)).not.toMatch(DRIVES);
    for (let i = 1; i <= 5; i += 1) {
      const { State, Error: error } = await saidOf(mirror, `${HOSTILE}${i}`);
      expect([i, State]).toEqual([i, 'Invalid']);
      expect(error).not.toMatch(DRIVES);
    }
    expect(mirror.logged.length).toBeGreaterThan(4);
    for (const { event, fields } of mirror.logged) {
      jsonLog((line) => {
        expect(line).not.toMatch(DRIVES);
        expect(JSON.parse(line)).not.toHaveProperty('_aws');
      })(event, fields);
    }
  });
});

describe('a terminal', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = openBench();
  });
  afterEach(() => bench.close());

  /** A registry that says something hostile of every read, and a file that names it under something hostile. */
  async function hostile(flags: readonly string[]) {
    const [source, destination] = [await bench.registry(), await bench.registry()];
    source.state.place('app', image({ seed: 'app' }), '1');
    source.intercept(({ method }) => (method === 'GET' ? { status: 403, body: errors(HOSTILE) } : undefined));
    const mirrors = [
      { source: `${HOSTILE}1`, from: `${source.host}/app:1`, destination: `${destination.host}/app:1` },
      { source: `${HOSTILE}2`, from: `${source.host}/app:1`, destination: `${destination.host}/twice:1` },
      { source: `${HOSTILE}3`, from: `${source.host}/app:1`, destination: `${destination.host}/twice:1` },
      { source: `${HOSTILE}4`, from: `${source.host}/other`, destination: HOSTILE, [HOSTILE]: 1 },
    ];
    bench.write('mirrors.yaml', JSON.stringify({ mirrors }));
    return bench.run(['sync', '-f', 'mirrors.yaml', '--plain-http', ...flags, ...QUICK]);
  }

  it('is driven by nobody’s text', async () => {
    const { code, out, err } = await hostile([]);
    expect(code).toBe(1);
    expect(err.length).toBeGreaterThan(2);
    for (const line of [...out, ...err]) {
      expect(line).not.toMatch(DRIVES);
      expect(line).not.toMatch(/^\{/);
    }
  });

  it('is driven by none in JSON, and whoever reads that has the text as it was', async () => {
    const { code, out } = await hostile(['--json']);
    expect(code).toBe(1);
    for (const line of out) {
      expect(line).not.toMatch(DRIVES);
      expect(JSON.parse(line)).not.toHaveProperty('_aws');
    }
    const named = out.map((line) => JSON.parse(line)).flatMap(({ mirror, mirrors }) => mirrors ?? mirror ?? []);
    expect(named).toContain(`${HOSTILE}1`);
  });
});
