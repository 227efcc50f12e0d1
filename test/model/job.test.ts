import fc from 'fast-check';
import { jobName, parseJobParameters, planParameters, singleParameters } from '../../lib/model/job';
import { formatReference, parseReference } from '../../lib/model/reference';
import { resultOrLine } from '../spoilt';
import { reference, tag } from './arbitrary';

const written = (job: ReturnType<typeof parseJobParameters>) =>
  job.kind === 'single' ? [formatReference(job.source), ...job.destinations.map(formatReference)] : job;

describe('a plan’s job', () => {
  it('names the plan alone', () => {
    expect(parseJobParameters(planParameters('2026-01-01T00.00-ab12'))).toEqual({
      kind: 'plan',
      plan: '2026-01-01T00.00-ab12',
      group: 0,
    });
  });
  it('has the array index as its group', () => {
    expect(parseJobParameters(planParameters('p'), '9999')).toEqual({ kind: 'plan', plan: 'p', group: 9999 });
  });
  it.each(['-1', '10000', '1.5', 'x', '1e3'])('refuses the array index %s', (index) => {
    expect(() => parseJobParameters(planParameters('p'), index)).toThrow(/array index: got/);
  });
  it.each(['', '-', 'a b', 'a#b', 'x'.repeat(129)])('refuses the id %j', (plan) => {
    expect(() => planParameters(plan)).toThrow(/plan: got/);
  });
});

describe('a job by hand', () => {
  it.each([
    ['parted by commas', 'localhost/a:1,localhost/b'],
    ['parted by spaces', 'localhost/a:1  localhost/b'],
    ['in several arguments', ['localhost/a:1', 'localhost/b']],
    ['in all ways at once, one twice', ['localhost/a:1, localhost/b', 'localhost/a:1', '-', '']],
  ])('takes destinations %s', (_, dest) => {
    expect(written(parseJobParameters({ source: 'nginx:1.27', dest }))).toEqual([
      'docker.io/library/nginx:1.27',
      'localhost/a:1',
      'localhost/b:1.27',
    ]);
  });
  it('means latest without a tag, and {tag} for the source’s', () => {
    expect(written(parseJobParameters({ source: 'nginx', dest: 'localhost/a:{tag}-x' }))).toEqual([
      'docker.io/library/nginx:latest',
      'localhost/a:latest-x',
    ]);
  });
  it('gives back what it was made from', () => {
    const tagged = fc.tuple(reference, tag).map(([value, name]) => ({ repository: value.repository, tag: name }));
    fc.assert(
      fc.property(
        tagged,
        fc.uniqueArray(tagged, { minLength: 1, selector: formatReference }),
        (source, destinations) => {
          fc.pre(!destinations.some((one) => formatReference(one) === formatReference(source)));
          expect(parseJobParameters(singleParameters(source, destinations))).toEqual({
            kind: 'single',
            source,
            destinations,
          });
        },
      ),
    );
  });
  it.each([
    ['nothing', {}, /source: got nothing; a plan, or a source/],
    [
      'parameters that AWS Batch left as they are',
      { plan: 'Ref::plan', source: 'Ref::source', dest: 'Ref::dest' },
      /source: got nothing/,
    ],
    ['dashes', { plan: '-', source: '-', dest: '-' }, /source: got nothing/],
    ['empty text', { plan: '', source: '', dest: '' }, /source: got nothing/],
    ['a source without destinations', { source: 'nginx', dest: 'Ref::dest' }, /dest: got nothing/],
    ['destinations without a source', { dest: 'nginx' }, /source: got nothing/],
    ['two sources', { source: 'nginx redis', dest: 'localhost/a' }, /one source would do/],
    ['a plan and a source', { plan: 'p', source: 'nginx' }, /not both/],
    ['two plans', { plan: 'p q' }, /plan: got/],
    ['a bad source', { source: 'NGINX', dest: 'localhost/a' }, /lower case/],
    ['a bad destination', { source: 'nginx', dest: 'localhost/a:{x}' }, /\{tag\} is the only template/],
    ['the source as its destination', { source: 'nginx', dest: 'nginx:latest' }, /another place than the source/],
    [
      'a tag that grows too long',
      { source: `nginx:${'x'.repeat(128)}`, dest: 'localhost/a:{tag}-x' },
      /128 characters/,
    ],
  ])('refuses %s', (_, given, line) => {
    expect(() => parseJobParameters(given)).toThrow(line);
  });
  it('keeps a pin, with the tag beside it', () => {
    const pin = `nginx:1@sha256:${'a'.repeat(64)}`;
    expect(written(parseJobParameters({ source: pin, dest: 'localhost/a' }))).toEqual([
      formatReference(parseReference(pin)),
      'localhost/a:1',
    ]);
  });
});

describe('a job’s name', () => {
  it('is what AWS Batch takes, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) =>
        expect(jobName(text)).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/),
      ),
    );
  });
  it('can be recognised', () => {
    expect(jobName('docker.io/library/nginx:1.27')).toBe('docker-io-library-nginx-1-27');
  });
});

it('asks for something that can be done, or is refused in one line, whatever the arguments and the array index', () => {
  const word = fc.oneof(
    fc.constantFrom('nginx:1', 'localhost/a:{tag}', 'plan-1', '-', 'Ref::plan', '', ',', 'a@sha256:1', 'x'.repeat(300)),
    fc.string({ unit: 'binary' }),
  );
  const argument = fc.option(fc.oneof(word, fc.array(word, { maxLength: 3 })), { nil: undefined });
  const given = fc.record({ plan: argument, source: argument, dest: argument });
  fc.assert(
    fc.property(given, fc.option(word, { nil: undefined }), (job, index) => {
      const asked = resultOrLine(() => parseJobParameters(job, index), 'InvalidValue');
      if (asked?.kind === 'single') expect(asked.destinations.length).toBeGreaterThan(0);
      if (asked?.kind === 'plan') expect(asked.group).toBeGreaterThanOrEqual(0);
    }),
  );
});
