import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from '../../scripts/compat/compare';
import { fetchLastRelease, Unanswered } from '../../scripts/compat/released';
import { verdictOf } from '../../scripts/compat/verdict';

const NAME = 'a-construct';

/** A package with an API of a class that takes these props, as jsii describes it. */
function assembly(folder: string, version: string, props: Readonly<Record<string, object>>): string {
  const common = { author: { name: 'a', roles: ['author'] }, description: 'd', homepage: 'h', license: 'Apache-2.0' };
  const repository = { type: 'git', url: 'u' };
  const fqn = `${NAME}.Props`;
  const properties = Object.entries(props).map(([name, more]) => {
    return { abstract: true, immutable: true, name, type: { primitive: 'string' }, optional: true, ...more };
  });
  const Props = { assembly: NAME, datatype: true, fqn, kind: 'interface', name: 'Props', properties };
  const initializer = { parameters: [{ name: 'props', type: { fqn } }] };
  const Thing = { assembly: NAME, fqn: `${NAME}.Thing`, kind: 'class', name: 'Thing', initializer };
  const types = { [fqn]: Props, [Thing.fqn]: Thing };
  const of = { schema: 'jsii/0.10.0', jsiiVersion: '6.0.16', fingerprint: '*', repository, types };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '.jsii'), JSON.stringify({ name: NAME, version, ...common, ...of }));
  const manifest = { name: NAME, version, main: 'index.js', jsii: { outdir: '.' }, ...common, repository };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

function pack(folder: string): string {
  const said = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--offline'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return join(folder, JSON.parse(said)[0].filename);
}

describe('the API beside that of a release', () => {
  let place: string;
  let released: string;
  const built = (props: Readonly<Record<string, object>>) => assembly(join(place, 'built'), '0.1.0', props);

  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'compat-test-'));
    released = pack(assembly(join(place, 'released'), '0.1.0', { prefix: {}, source: { optional: undefined } }));
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  it('has lost a prop', () => {
    const { last, breaks } = compare(released, built({ source: { optional: undefined } }));
    expect(last).toBe('0.1.0');
    expect(breaks).toEqual([`PROP ${NAME}.Props.prefix: has been removed`]);
  });

  it('has a prop more', () => {
    expect(compare(released, built({ prefix: {}, source: { optional: undefined }, tags: {} })).breaks).toEqual([]);
  });

  it('has a prop of another type', () => {
    const { breaks } = compare(released, built({ prefix: { type: { primitive: 'number' } }, source: {} }));
    expect(breaks.join('\n')).toMatch(/Props: property prefix, string is not assignable to number/);
  });

  it('is of another package, or none at all', () => {
    const other = assembly(join(place, 'other'), '0.1.0', {});
    writeFileSync(join(other, 'package.json'), JSON.stringify({ name: 'another', version: '0.1.0' }));
    expect(() => compare(released, other)).toThrow(/got a-construct; a release of this package would do/);
    writeFileSync(join(place, 'broken.tgz'), 'no tarball');
    expect(() => compare(join(place, 'broken.tgz'), other)).toThrow(
      /broken\.tgz: got no npm tarball .*; npm pack makes one$/,
    );
  });
});

describe('the last release', () => {
  let place: string;
  let registry: Server;
  /** What a registry says, by path; anything else is not there. */
  let answers: Readonly<Record<string, { readonly status: number; readonly body: Buffer | string }>>;
  const environment = { ...process.env };

  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'compat-test-'));
    registry = createServer(({ url = '' }, response) => {
      const { status, body } = answers[url] ?? { status: 404, body: '{"error":"Not found"}' };
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
    const settings = { registry: address(), cache: join(place, 'cache'), fetch_retries: '0', update_notifier: 'false' };
    for (const [name, value] of Object.entries(settings)) process.env[`npm_config_${name}`] = value;
  });
  afterAll(async () => {
    process.env = environment;
    await new Promise((resolve) => registry.close(resolve));
    rmSync(place, { recursive: true, force: true });
  });
  const address = () => `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;

  it('is fetched as npm has it', async () => {
    const body = readFileSync(pack(assembly(join(place, 'released'), '0.3.0', { prefix: {} })));
    const integrity = `sha512-${createHash('sha512').update(body).digest('base64')}`;
    const dist = { tarball: `${address()}${NAME}.tgz`, integrity };
    const versions = { '0.3.0': { name: NAME, version: '0.3.0', dist } };
    const document = JSON.stringify({ name: NAME, 'dist-tags': { latest: '0.3.0' }, versions });
    answers = { [`/${NAME}`]: { status: 200, body: document }, [`/${NAME}.tgz`]: { status: 200, body } };
    const tarball = await fetchLastRelease(NAME, place);
    expect(compare(tarball ?? '', assembly(join(place, 'built'), '0.3.0', {}))).toEqual({
      last: '0.3.0',
      breaks: [`PROP ${NAME}.Props.prefix: has been removed`],
    });
  }, 60_000);

  it('is not there before the first', async () => {
    answers = {};
    expect(await fetchLastRelease('not-yet-released', place)).toBeUndefined();
  }, 60_000);

  it('is not known while the registry does not answer', async () => {
    answers = { '/unanswered': { status: 403, body: '{}' } };
    await expect(fetchLastRelease('unanswered', place)).rejects.toThrow(Unanswered);
  }, 60_000);
});

describe('what breaks', () => {
  const lost = { last: '0.1.0', breaks: ['PROP p: has been removed'] };

  it('may come with a version that says so', () => {
    expect(verdictOf(lost, '0.2.0')).toEqual({
      ok: true,
      lines: ['PROP p: has been removed', '0.2.0 after 0.1.0: 1 incompatible change, which it may have'],
    });
    expect(verdictOf({ ...lost, last: '1.4.0' }, '2.0.0').ok).toBe(true);
  });

  it.each([
    ['0.1.0', '0.1.1', '0.2.0'],
    ['1.4.0', '1.5.0', '2.0.0'],
    ['1.4.0', '1.4.0', '2.0.0'],
  ])('may not come after %s with %s', (last, next, enough) => {
    const { ok, lines } = verdictOf({ ...lost, last }, next);
    expect(ok).toBe(false);
    expect(lines.at(-1)).toBe(
      `${next} after ${last}: got 1 incompatible change; ${enough}, or an API that has what it had, would do`,
    );
  });

  it('is nothing', () => {
    expect(verdictOf({ last: '0.1.0', breaks: [] }, '0.1.1')).toEqual({
      ok: true,
      lines: ['0.1.1 after 0.1.0: nothing breaks'],
    });
  });
});
