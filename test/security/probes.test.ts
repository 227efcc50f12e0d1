import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { parseJobParameters } from '../../lib/model/job';
import { image } from '../../local/images';
import type { TestMirror } from '../aws/mirror';
import { type Bench, digestAt, openBench, QUICK } from '../bin/drive';
import { knowNames } from '../fault/names';
import { saidOf, startDefaultMirror } from './deployed';

/** Something on this machine that nobody outside is to reach. */
let inside: { readonly server: Server; readonly port: number; connections: number };
let forgetNames: () => void;
beforeAll(async () => {
  forgetNames = knowNames();
  const server = createServer((socket) => {
    inside.connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  inside = { server, port: (server.address() as AddressInfo).port, connections: 0 };
});
afterAll(async () => {
  forgetNames();
  await new Promise((resolve) => inside.server.close(resolve));
});

/** Every way to write an address that leads inside, and what it is called by whoever refuses it. */
const FORMS: readonly (readonly [host: string, kind: RegExp])[] = [
  ['127.0.0.1', /private address/],
  ['127.1', /private address/],
  ['0x7f.0.0.1', /private address/],
  ['0177.0.0.1', /private address/],
  ['2130706433', /private address/],
  ['0X7F000001', /private address/],
  ['localhost', /private address/],
  ['LOCALHOST', /private address/],
  ['[::1]', /private address/],
  ['[::ffff:127.0.0.1]', /private address/],
  ['[::ffff:7f00:1]', /private address/],
  ['[0:0:0:0:0:FFFF:7F00:0001]', /private address/],
  ['[64:ff9b::7f00:1]', /private address/],
  ['[2002:7f00:1::]', /private address/],
  ['10.0.0.1', /private address/],
  ['0xa.1', /private address/],
  ['192.168.0.1', /private address/],
  ['[fd12::1]', /private address/],
  ['private.fault.test', /private address/],
  ['0.0.0.0', /never connected to/],
  ['0', /never connected to/],
  ['169.254.169.254', /never connected to/],
  ['0xA9FEA9FE', /never connected to/],
  ['0251.0376.0251.0376', /never connected to/],
  ['2852039166', /never connected to/],
  ['[::ffff:169.254.169.254]', /never connected to/],
  ['[fd00:ec2::254]', /never connected to/],
  ['169.254.170.2', /never connected to/],
  ['metadata.fault.test', /never connected to/],
  ['metadata6.fault.test', /never connected to/],
];

describe('a deployed mirror', () => {
  let mirror: TestMirror;
  beforeEach(async () => {
    mirror = await startDefaultMirror();
    inside.connections = 0;
  });
  afterEach(() => mirror.close());

  it('connects to no address inside for a row that names one as its source, however it is written', async () => {
    const rows = FORMS.map(([host], i) => ({
      Source: host,
      From: `${host}:${inside.port}/app:1`,
      Destination: `destination.test/mirror/app${i}:1`,
    }));
    await mirror.put(...rows);
    await mirror.call({});
    for (const [Source, kind] of FORMS) {
      const said = { Source, ...(await saidOf(mirror, Source)) };
      expect(said).toMatchObject({ Source, State: 'Failed', Error: expect.stringMatching(kind) });
    }
    expect(mirror.submitted).toEqual([]);
    expect(inside.connections).toBe(0);
  });

  it('connects to none for a job that was submitted by hand', async () => {
    for (const [host] of FORMS) {
      const job = parseJobParameters({ source: `${host}:${inside.port}/app:1`, dest: 'destination.test/mirror/app:1' });
      expect([host, await mirror.run(job, 'by-hand')]).toEqual([host, 77]);
    }
    expect(inside.connections).toBe(0);
  });

  it('connects to none as a destination, were it allowed', async () => {
    await mirror.publish('app', '1', 'app');
    mirror.permissions = { ...mirror.permissions, destinations: ['**'] };
    for (const [host] of FORMS) {
      const job = parseJobParameters({ source: 'upstream.test/app:1', dest: `${host}:${inside.port}/app:1` });
      expect([host, await mirror.run(job, 'by-hand')]).toEqual([host, 77]);
    }
    expect(inside.connections).toBe(0);
  });
});

describe('a file of mirrors', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = openBench();
    inside.connections = 0;
  });
  afterEach(() => bench.close());
  const write = (source: string, destination: string) =>
    bench.write('mirrors.yaml', `mirrors: [{source: '${source}', destination: '${destination}'}]\n`);

  it('is not whom addresses inside are opened to: its user is, by a flag', async () => {
    const registry = await bench.registry();
    registry.state.place('app', image({ seed: 'app' }), '1');
    write(`${registry.host}/app:1`, `${registry.host}/copy:1`);
    const refused = await bench.run(['sync', '-f', 'mirrors.yaml', ...QUICK]);
    expect(refused.code).toBe(1);
    expect(refused.err.join('\n')).toMatch(/private address; name .* as a private host if it is meant/);
    expect(registry.requests).toEqual([]);
    // It is let through to that one host and port: there it meets plain http, which is another flag.
    const opened = await bench.run(['sync', '-f', 'mirrors.yaml', '--private-hosts', registry.host, ...QUICK]);
    expect(opened.err.join('\n')).toMatch(/does not speak TLS/);
    const ran = await bench.run(['sync', '-f', 'mirrors.yaml', `--plain-http=${registry.host}`, ...QUICK]);
    expect(ran.code).toBe(0);
    expect(digestAt(registry, 'copy', '1')).toBeDefined();
  });

  it('reaches no metadata service even where a flag names it', async () => {
    write('169.254.169.254/latest/meta-data:1', '169.254.169.254/copy');
    const flags = ['--private-hosts', '169.254.169.254', '--plain-http=169.254.169.254'];
    const ran = await bench.run(['sync', '-f', 'mirrors.yaml', ...flags, ...QUICK]);
    expect(ran.code).toBe(1);
    expect(ran.err.join('\n')).toMatch(/never connected to/);
  });
});
