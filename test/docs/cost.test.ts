import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { listOf, mapOf } from '../../local/template/value';
import { startMirror, type TestMirror } from '../aws/mirror';
import type { StackOptions } from '../aws/stack';
import { synthesize } from '../lib/stack';
import { read, section, tableRows } from './documents';

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

const page = read('docs/cost.md');

describe('what the page says of cost', () => {
  it('is what was computed', () => {
    expect(page).toContain(cost());
  });

  it('is true of the stack while nothing is mirrored', () => {
    const [, most] = /the default stack: .* \| below ([\d.]+) \|/.exec(page) ?? [];
    expect(JSON.parse(cost('--json')).idle).toBeLessThan(Number(most));
  });

  it('names the requests that were measured', () => {
    const { copied, unchanged } = JSON.parse(cost('--json')).measured;
    expect(page).toContain(
      `${copied.requests} requests for an image that is copied, ${unchanged.requests} for one that is not`,
    );
  });

  it('is true of the size of an empty mirror as it is synthesized', () => {
    const { stack } = synthesize();
    const { resources, size } = /is (?<resources>\d+) resources in a\s+template of (?<size>\d+) KB/.exec(page)
      ?.groups ?? {
      resources: '',
      size: '',
    };
    const { templateFullPath } = App.of(stack)?.synth().getStackArtifact(stack.artifactId) ?? {};
    const text = readFileSync(templateFullPath ?? '', 'utf8');
    expect(Object.keys(JSON.parse(text).Resources)).toHaveLength(Number(resources));
    expect(Math.round(text.length / 1000)).toBe(Number(size));
  });
});

it('the README says the same in short', () => {
  const { thousand } = JSON.parse(cost('--json')) as { thousand: Record<string, number> };
  const sum = (what: RegExp) =>
    Object.entries(thousand).reduce((all, [name, usd]) => all + (what.test(name) ? usd : 0), 0);
  const said = Object.fromEntries(tableRows(section(read('README.md'), '## What it costs')));
  expect(said).toEqual({
    'the default stack while idle, a month': 'below 0.10',
    'a thousand images copied, by the default workers on Spot': sum(/: the default$/).toFixed(3),
    'a thousand images looked at every hour, a month': sum(/^unchanged and looked at every hour/).toFixed(2),
    'a thousand images kept in Amazon ECR, a month': sum(/^kept/).toFixed(2),
  });
});
