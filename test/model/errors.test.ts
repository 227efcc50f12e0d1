import { ERROR_CODES, ERROR_GROUPS, ERRORS, exitCodesOf, findErrorCode, retryOf } from '../../lib/model/errors';
import { codeOfJob } from '../../lib/model/job-code';
import { codeOfSkipped } from '../../lib/model/skip-code';

describe('the catalogue of errors', () => {
  it.each(ERROR_CODES)('%s is upper-case words, and told in sentences', (code) => {
    const { meaning, look, remedy } = ERRORS[code];
    expect(code).toMatch(/^[A-Z]+(?:_[A-Z]+)*$/);
    for (const said of [meaning, look, remedy]) expect(said).toMatch(/^[A-Z`][^\n]*(?:[.?]|\/issues)$/);
  });

  it('is in groups, each code in one', () => {
    const grouped = ERROR_GROUPS.flatMap(({ errors }) => Object.keys(errors));
    expect(grouped).toEqual(ERROR_CODES);
    expect(new Set(grouped).size).toBe(grouped.length);
    expect(ERROR_GROUPS.map(({ title }) => title)).toEqual([
      'Registries',
      'The way there',
      'Images',
      'Rows and copies',
      'AWS and the deployed mirror',
      'Jobs',
      'Commands and the construct',
    ]);
  });

  it.each([
    ['AUTH_DENIED', [77], /^It stays until somebody mends it/],
    ['IMAGE_MISSING', [64], /^It stays until somebody mends it/],
    ['RATE_LIMITED', [69], /^It may go away by itself/],
    ['PULLS_EXHAUSTED', [75], /^Nothing failed/],
    ['STOPPED', [75], /^Nothing failed/],
    ['INTERNAL', [70], /^It stays until/],
    ['STORAGE_FAILED', [64, 77, 69], /^It stays until/],
    ['TOO_YOUNG', [], /^It is a finding/],
  ] as const)('tells with what %s exits, and whether it goes away', (code, exits, retry) => {
    expect(exitCodesOf(ERRORS[code])).toEqual(exits);
    expect(retryOf(ERRORS[code])).toMatch(retry);
  });

  it.each(['TAG_IMMUTABLE', 'tag_immutable', ' Tag-Immutable ', '[TAG_IMMUTABLE]'])('knows %j', (said) =>
    expect(findErrorCode(said)).toBe('TAG_IMMUTABLE'),
  );

  it.each(['TAG', 'TAG_IMMUTABLE_', 'TAG IMMUTABLE', ''])('does not know %j', (said) =>
    expect(findErrorCode(said)).toBeUndefined(),
  );

  it('knows the codes of another list by that', () => {
    expect(findErrorCode('doctor-row', ['DOCTOR-ROW'])).toBe('DOCTOR-ROW');
    expect(findErrorCode('TAG_IMMUTABLE', ['DOCTOR-ROW'])).toBeUndefined();
  });
});

describe('what is left alone', () => {
  it.each([
    ['invalid', 'ROW_INVALID'],
    ['not-allowed', 'NOT_ALLOWED'],
    ['contested', 'DESTINATION_CONTESTED'],
    ['nothing-selected', 'NOTHING_SELECTED'],
    ['too-young', 'TOO_YOUNG'],
    ['put-off', 'PULLS_EXHAUSTED'],
    ['conflict', 'TAG_IMMUTABLE'],
    ['quarantined', 'UNSIGNED'],
    ['up-to-date', undefined],
    ['paused', undefined],
    ['in-progress', undefined],
  ] as const)('because it is %s is called %s', (reason, code) => expect(codeOfSkipped({ reason })).toBe(code));

  it('is called what failed, where that is known', () => {
    expect(codeOfSkipped({ reason: 'source-failed', code: 'AUTH_DENIED' })).toBe('AUTH_DENIED');
    expect(codeOfSkipped({ reason: 'conflict', code: 'IMAGE_REMOVED' })).toBe('IMAGE_REMOVED');
  });
});

describe('a job that is over', () => {
  it.each([
    ['OutOfMemoryError: Container killed due to memory usage; exit code 137', 'JOB_OUT_OF_MEMORY'],
    ['CannotPullContainerError: pull image manifest has been retried 5 time(s)', 'JOB_IMAGE_UNAVAILABLE'],
    ['Task failed to start; CannotInspectContainerImage', 'JOB_IMAGE_UNAVAILABLE'],
    ['ResourceInitializationError: unable to pull secrets', 'JOB_NOT_STARTED'],
    ['MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT', 'JOB_NOT_STARTED'],
    ['CannotStartContainerError: no', 'JOB_NOT_STARTED'],
    ['CannotCreateContainerError: no', 'JOB_NOT_STARTED'],
    ['Job attempt duration exceeded timeout', 'JOB_TIMED_OUT'],
    ['it timed out', 'JOB_TIMED_OUT'],
    ['Your Spot Task was interrupted.', 'JOB_INTERRUPTED'],
    ['Host EC2 (instance i-1) terminated.', 'JOB_INTERRUPTED'],
    ['Spot interruption', 'JOB_INTERRUPTED'],
    ['Terminated by somebody', 'JOB_CANCELLED'],
    ['Job canceled', 'JOB_CANCELLED'],
    ['Essential container in task exited; exit code 1', 'JOB_FAILED'],
    ['AWS Batch gave no reason', 'JOB_FAILED'],
  ])('with %j is called %s', (reason, code) => expect(codeOfJob(reason)).toBe(code));
});
