import fc from 'fast-check';
import { parseEvent } from '../../aws/events';
import { resultOrLine, spoilt } from '../spoilt';
import { digestOf } from './values';

const push = (detail: Record<string, unknown>) => ({
  version: '0',
  'detail-type': 'ECR Image Action',
  source: 'aws.ecr',
  account: '123456789012',
  region: 'eu-west-1',
  resources: [],
  detail: {
    result: 'SUCCESS',
    'repository-name': 'team/app',
    'image-digest': digestOf('app'),
    'action-type': 'PUSH',
    'image-tag': 'latest',
    ...detail,
  },
});

const job = (detail: Record<string, unknown>, type = 'Batch Job State Change') => ({
  'detail-type': type,
  source: 'aws.batch',
  detail: { jobId: 'job-1', status: 'FAILED', parameters: { plan: 'p', source: '-', dest: '-' }, ...detail },
});

describe('a schedule', () => {
  it.each([{}, { trigger: 'schedule' }, { 'detail-type': 'Scheduled Event', detail: {} }])('is %j', (event) => {
    expect(parseEvent(event)).toEqual({ kind: 'schedule' });
  });
});

describe('an ECR push', () => {
  it('names account, region, repository and tag', () => {
    expect(parseEvent(push({ 'manifest-media-type': 'application/vnd.oci.image.index.v1+json' }))).toEqual({
      kind: 'push',
      push: {
        account: '123456789012',
        region: 'eu-west-1',
        repository: 'team/app',
        tag: 'latest',
        digest: digestOf('app'),
      },
    });
  });

  it.each([
    ['without a tag', { 'image-tag': undefined }],
    ['with an empty tag', { 'image-tag': '' }],
    ['that is a deletion', { 'action-type': 'DELETE' }],
    ['that failed', { result: 'FAILURE' }],
    ['that is an archiving', { 'action-type': 'UPDATE_STORAGE_CLASS' }],
    ['without a repository', { 'repository-name': undefined }],
  ])('%s is ignored, and says why', (_, detail) => {
    expect(parseEvent(push(detail))).toEqual({ kind: 'ignored', because: expect.stringMatching(/^an? .+/) });
  });
});

describe('a job of AWS Batch', () => {
  it.each([
    ['a plain job', { jobId: 'a' }, { plan: 'p', group: 0 }],
    ['a child', { jobId: 'a:17', arrayProperties: { index: 17 } }, { plan: 'p', group: 17 }],
    ['a child known by its id alone', { jobId: 'a:17' }, { plan: 'p', group: 17 }],
    ['an array as a whole', { jobId: 'a', arrayProperties: { size: 30 } }, { plan: 'p', group: 'all' }],
    [
      'one submitted by hand',
      { parameters: { plan: '-', source: 'nginx:1', dest: 'a.test/nginx' } },
      { source: 'nginx:1', dest: 'a.test/nginx' },
    ],
    ['one of somebody else', { parameters: {} }, undefined],
    ['one whose parameters were left out', { parameters: { plan: 'Ref::plan', source: '-', dest: '-' } }, undefined],
  ])('that failed, %s', (_, detail, work) => {
    expect(parseEvent(job(detail))).toMatchObject({ kind: 'job-ended', job: { work } });
  });

  it('says why it failed in one line', () => {
    const detail = {
      statusReason: 'Essential container in task exited',
      container: { exitCode: 137, reason: 'OutOfMemoryError: \ncontainer killed' },
    };
    expect(parseEvent(job(detail))).toMatchObject({
      job: { reason: 'Essential container in task exited; OutOfMemoryError: \ufffdcontainer killed; exit code 137' },
    });
    expect(parseEvent(job({}))).toMatchObject({ job: { reason: 'AWS Batch gave no reason' } });
  });

  it.each(['RUNNABLE', 'SUCCEEDED', 'STARTING'])('that is %s is ignored', (status) => {
    expect(parseEvent(job({ status }))).toEqual({ kind: 'ignored', because: `a job that is ${status}` });
  });

  it('may block its queue', () => {
    const detail = { status: 'RUNNABLE', statusReason: 'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT' };
    expect(parseEvent(job(detail, 'Batch Job Queue Blocked'))).toEqual({
      kind: 'queue-blocked',
      job: { id: 'job-1', work: { plan: 'p', group: 0 }, code: 'JOB_NOT_STARTED', reason: detail.statusReason },
    });
  });
});

describe('rows', () => {
  const record = (eventName: string, source: unknown) => ({
    eventName,
    dynamodb: { Keys: { Source: source } },
  });

  it('are named by stream records, the last of each row counts', () => {
    const Records = [
      record('INSERT', { S: 'a' }),
      record('MODIFY', { S: 'b' }),
      record('REMOVE', { S: 'a' }),
      record('INSERT', { S: 'c' }),
      record('INSERT', { N: '1' }),
    ];
    expect(parseEvent({ Records })).toEqual({ kind: 'rows', sources: ['b', 'c'], removed: ['a'], changed: true });
    expect(parseEvent({ Records: [] })).toMatchObject({ kind: 'ignored' });
  });

  it('are named by whoever asks', () => {
    expect(parseEvent({ sources: ['a'] })).toEqual({ kind: 'rows', sources: ['a'], removed: [], changed: false });
    expect(parseEvent({ dryRun: true })).toEqual({ kind: 'dry-run' });
    expect(parseEvent({ dryRun: true, sources: ['a'] })).toEqual({ kind: 'dry-run', sources: ['a'] });
  });
});

it('goes on where an invocation before left off', () => {
  const continuation = { cursor: { Source: 'm' }, hops: 3, run: 'r', rows: 10, onSchedule: true };
  expect(parseEvent({ continue: continuation })).toEqual({ kind: 'continuation', continuation });
});

it.each([
  [null, 'event: got null'],
  ['text', 'event: got "text"'],
  [[], 'event: got a list (empty)'],
  [{ source: 'nginx' }, 'event: got a map (source)'],
  [{ sources: [] }, 'event sources: got a list (empty)'],
  [{ sources: 'nginx' }, 'event sources: got "nginx"'],
  [{ dryRun: 'yes' }, 'event dryRun: got "yes"'],
  [{ 'detail-type': 'GuardDuty Finding' }, 'event detail-type: got "GuardDuty Finding"'],
  [{ continue: { hops: 'one' } }, 'event continue: got a map (hops)'],
  // Whoever may invoke the controller could else have it go on for ever.
  [{ continue: { run: 'r', hops: -1e9 } }, 'event continue: got a map (run, hops)'],
  [{ continue: { run: 'r', hops: 0.5 } }, 'event continue: got a map (run, hops)'],
  [{ continue: { run: 'r', hops: 0, rows: 0 } }, 'event continue: got a map (run, hops, rows)'],
  [{ continue: { run: 'r', hops: 0, rows: -5 } }, 'event continue: got a map (run, hops, rows)'],
])('refuses %j and says what would do', (event, message) => {
  expect(() => parseEvent(event)).toThrow(message);
});

const EVENTS: readonly object[] = [
  { trigger: 'schedule' },
  { 'detail-type': 'Scheduled Event', detail: {} },
  { sources: ['nginx:1', 'app'], dryRun: true },
  {
    'detail-type': 'ECR Image Action',
    account: '123456789012',
    region: 'eu-west-1',
    detail: {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': 'app',
      'image-tag': '1',
      'image-digest': `sha256:${'a'.repeat(64)}`,
    },
  },
  {
    'detail-type': 'Batch Job State Change',
    detail: {
      status: 'FAILED',
      jobId: 'id:3',
      statusReason: 'gone',
      arrayProperties: { index: 3, size: 5 },
      parameters: { plan: 'p', source: '-', dest: '-' },
      container: { exitCode: 1, reason: 'OutOfMemory' },
    },
  },
  { 'detail-type': 'Batch Job Queue Blocked', detail: { jobId: 'id', parameters: { source: 'a:1', dest: 'b:1' } } },
  { Records: [{ eventName: 'MODIFY', dynamodb: { Keys: { Source: { S: 'nginx' } } } }] },
  {
    continue: {
      hops: 1,
      run: 'r',
      cursor: { Source: 'm' },
      sources: ['a'],
      rows: 10,
      onSchedule: true,
      errors: ['e'],
    },
  },
];

it.each(EVENTS)('reads %j, and refuses in one line what it became', (event) => {
  expect(parseEvent(event)).toHaveProperty('kind');
  fc.assert(
    fc.property(spoilt(event), (other) => {
      const trigger = resultOrLine(() => parseEvent(other), 'InvalidValue');
      if (trigger?.kind === 'ignored') expect(trigger.because).toMatch(/^.{1,200}$/);
      if (trigger?.kind === 'rows') expect(trigger.sources.every((source) => typeof source === 'string')).toBe(true);
    }),
  );
});

it('never fails in another way, whatever it gets', () => {
  const key = fc.constantFrom('Records', 'detail-type', 'detail', 'sources', 'dryRun', 'continue', 'trigger', 'other');
  const type = fc.constantFrom('ECR Image Action', 'Batch Job State Change', 'Batch Job Queue Blocked');
  const value = fc.oneof(type, fc.jsonValue(), fc.dictionary(key, fc.jsonValue()));
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(key, value)), (event) => {
      try {
        expect(parseEvent(event)).toHaveProperty('kind');
      } catch (error) {
        expect(error).toHaveProperty('name', 'InvalidValue');
      }
    }),
  );
});
