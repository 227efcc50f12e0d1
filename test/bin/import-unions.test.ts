import { image } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { type Bench, openBench, QUICK } from './drive';

let bench: Bench;
let source: RunningRegistry;
let destination: RunningRegistry;
beforeEach(async () => {
  bench = openBench();
  source = await bench.registry();
  destination = await bench.registry();
  const tags = ['1.26.3', '1.27.0', '1.27.1', '2.0.0', '2.1.0', 'latest', 'stable', 'edge'];
  for (const tag of tags) source.state.place('org/app', image({ seed: tag }), tag);
});
afterEach(() => bench.close());

/** What arrives of another program's file, by way of a file of mirrors; each tag is pushed once. */
async function arrives(document: object): Promise<readonly string[]> {
  bench.write('input', JSON.stringify(document));
  const { code, err } = await bench.run(['import', 'input', '-o', 'mirrors.yaml']);
  expect({ code, err: err.filter((line) => line.startsWith('invalid')) }).toEqual({ code: 0, err: [] });
  const synced = await bench.run(['sync', '-f', 'mirrors.yaml', '--plain-http', ...QUICK]);
  expect(synced).toMatchObject({ code: 0, err: [] });
  const pushed = destination.requests.filter(({ method, kind }) => method === 'PUT' && kind === 'manifest');
  const tags = [...(destination.state.repositories.get('m/app')?.tags.keys() ?? [])].sort();
  expect(pushed).toHaveLength(tags.length);
  const again = await bench.run(['plan', '-f', 'mirrors.yaml', '--detailed-exitcode', '--plain-http', ...QUICK]);
  expect(again.code).toBe(0);
  return tags;
}

describe('what another program takes as a union arrives as one', () => {
  const places = () => ({ source: `${source.host}/org/app`, target: `${destination.host}/m/app` });

  it('of regsync: sets of tags that overlap', async () => {
    const tagSets = [
      { semverRange: ['>=1.27 <2'] },
      { allow: ['1\\.27\\..*', 'latest'] },
      { semverRange: ['>=2'], deny: ['2\\.1.*'] },
    ];
    const tags = { allow: ['latest', 'stable'] };
    expect(await arrives({ version: 1, sync: [{ ...places(), type: 'repository', tags, tagSets }] })).toEqual([
      '1.27.0',
      '1.27.1',
      '2.0.0',
      'latest',
      'stable',
    ]);
  });

  it('of regsync: parts that overlap, at other times', async () => {
    const { source: from, target } = places();
    const sync = [
      { ...places(), type: 'repository', tags: { allow: ['1.*'] }, interval: '6h' },
      { ...places(), type: 'repository', tags: { semverRange: ['~1.27.0'] }, schedule: '0 3 * * *' },
      { source: `${from}:1.27.0`, target: `${target}:1.27.0`, type: 'image', backup: 'old-{{.Ref.Tag}}' },
    ];
    expect(await arrives({ version: 1, sync })).toEqual(['1.26.3', '1.27.0', '1.27.1']);
  });

  it('of dregsy: filters that are alternatives', async () => {
    const tags = ['semver: >=1.27.0 <2.1.0', 'regex: 1\\.27.*', 'regex: ![12l].*', '1.27.1', 'latest'];
    const mappings = [{ from: 'org/app', to: 'm/app', tags, platform: 'all' }];
    const task = { name: 't', source: { registry: source.host }, target: { registry: destination.host }, mappings };
    expect(await arrives({ tasks: [task] })).toEqual(['1.27.0', '1.27.1', '2.0.0', 'edge', 'latest', 'stable']);
  });

  it('of skopeo: tags, patterns and ranges of one repository', async () => {
    const part = {
      images: { 'org/app': ['1.27.0', 'latest'] },
      'images-by-tag-regex': { 'org/app': '^1[.]27' },
      'images-by-semver': { 'org/app': '>=1.27.0 <2.0.1' },
    };
    bench.write('input', JSON.stringify({ [source.host]: part }));
    await bench.run(['import', 'input', '--destination', `${destination.host}/m`, '-o', 'mirrors.yaml']);
    const synced = await bench.run(['sync', '-f', 'mirrors.yaml', '--plain-http', ...QUICK]);
    expect(synced).toMatchObject({ code: 0, err: [] });
    const tags = [...(destination.state.repositories.get('m/org/app')?.tags.keys() ?? [])].sort();
    expect(tags).toEqual(['1.27.0', '1.27.1', '2.0.0', 'latest']);
  });
});
