import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { listOf, mapOf } from '../../local/template/value';
import { startMirror, type TestMirror } from '../aws/mirror';
import type { StackOptions } from '../aws/stack';
import { synthesize } from '../lib/stack';
import { read } from './documents';

const IMAGES = 100;

function cost(...flags: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/cost.mjs', ...flags], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

interface Units {
  reads: number;
  writes: number;
}

/** Request units of an item of up to 4 KB that is read eventually consistent, there or not. */
const HALF_READ = 0.5;

/** DynamoDB as it is, and what it says that it was asked to do; of batches that are read dynalite says nothing. */
function metered(units: Units): StackOptions['dynamoDb'] {
  return (real) => async (call) => {
    const answer = await real({ ...call, input: { ...call.input, ReturnConsumedCapacity: 'TOTAL' } });
    if (call.operation === 'BatchGetItem') {
      const tables = Object.values(mapOf(call.input.RequestItems)).map(mapOf);
      if (tables.some(({ ConsistentRead }) => ConsistentRead === true)) throw new Error('a read that counts twice');
      units.reads += HALF_READ * tables.flatMap(({ Keys }) => listOf(Keys)).length;
      return answer;
    }
    const consumed = [mapOf(answer.output).ConsumedCapacity].flat().map((one) => Number(mapOf(one).CapacityUnits ?? 0));
    const sum = consumed.reduce((all, one) => all + one, 0);
    if (/^(Get|Query|Scan)/.test(call.operation)) units.reads += sum;
    else units.writes += sum;
    return answer;
  };
}

describe('what an image costs', () => {
  const units: Units = { reads: 0, writes: 0 };
  let mirror: TestMirror;
  /** What happens meanwhile, for each image. */
  const measure = async (act: () => Promise<unknown>) => {
    Object.assign(units, { reads: 0, writes: 0 });
    const registries = [mirror.upstream, mirror.destination];
    for (const registry of registries) registry.forgetRequests();
    await act();
    const requests = registries.reduce((sum, registry) => sum + registry.requests.length, 0);
    const each = (total: number) => Math.ceil((10 * total) / IMAGES) / 10;
    return { reads: each(units.reads), writes: each(units.writes), requests: each(requests) };
  };

  beforeAll(async () => {
    mirror = await startMirror({ dynamoDb: metered(units) });
    for (let number = 0; number < IMAGES; number += 1) {
      await mirror.publish(`app-${number}`, '1', `app ${number}`);
      const Source = `upstream.test/app-${number}:1`;
      await mirror.put({ Source, Destination: `destination.test/mirror/app-${number}` });
    }
  }, 60_000);
  afterAll(() => mirror.close());

  it('is counted as the tables and registries count it', async () => {
    const { measured } = JSON.parse(cost('--json'));
    const copied = await measure(async () => {
      await mirror.call({});
      await mirror.runSubmitted();
    });
    const unchanged = await measure(() => mirror.call({}));
    expect({ copied, unchanged }).toEqual(measured);
  }, 60_000);
});

describe('what the README says of cost', () => {
  it('is what was computed', () => {
    expect(read('README.md')).toContain(cost());
  });

  it('is true of the stack while nothing is mirrored', () => {
    const [, most] = /the default stack: .* \| below ([\d.]+) \|/.exec(read('README.md')) ?? [];
    expect(JSON.parse(cost('--json')).idle).toBeLessThan(Number(most));
  });

  it('is true of the size of an empty mirror as it is synthesized', () => {
    const { stack } = synthesize();
    const { resources, size } = /is (?<resources>\d+) resources in a\s+template of (?<size>\d+) KB/.exec(
      read('README.md'),
    )?.groups ?? { resources: '', size: '' };
    const { templateFullPath } = App.of(stack)?.synth().getStackArtifact(stack.artifactId) ?? {};
    const text = readFileSync(templateFullPath ?? '', 'utf8');
    expect(Object.keys(JSON.parse(text).Resources)).toHaveLength(Number(resources));
    expect(Math.round(text.length / 1000)).toBe(Number(size));
  });
});
