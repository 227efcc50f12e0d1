import { isRetried, type RetryStrategy, readRetryStrategy } from '../../../local/batch/retry';

const strategy = (...evaluateOnExit: RetryStrategy['evaluateOnExit']): RetryStrategy => ({
  attempts: 3,
  evaluateOnExit,
});

describe('whether a failed attempt is followed by another', () => {
  it.each([
    ['no rules', strategy(), {}, true],
    ['no rule matches', strategy({ onExitCode: '64', action: 'EXIT' }), { exitCode: 1 }, true],
    ['a rule matches', strategy({ onExitCode: '64', action: 'EXIT' }), { exitCode: 64 }, false],
    ['a code that only begins alike', strategy({ onExitCode: '6', action: 'EXIT' }), { exitCode: 64 }, true],
    ['a star at the end', strategy({ onExitCode: '6*', action: 'EXIT' }), { exitCode: 64 }, false],
    [
      'one of two conditions is not met',
      strategy({ onExitCode: '137', onReason: 'OutOfMemoryError*', action: 'EXIT' }),
      { exitCode: 137 },
      true,
    ],
    [
      'both conditions are met',
      strategy({ onExitCode: '137', onReason: 'OutOfMemoryError*', action: 'EXIT' }),
      { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
      false,
    ],
    [
      'the first that matches decides',
      strategy(
        { onStatusReason: 'Your Spot Task was interrupted*', action: 'RETRY' },
        { onReason: '*', action: 'EXIT' },
      ),
      { statusReason: 'Your Spot Task was interrupted.', exitCode: 137 },
      true,
    ],
    ['a star matches a reason that is not given', strategy({ onReason: '*', action: 'EXIT' }), { exitCode: 1 }, false],
    ['a rule without conditions matches', strategy({ action: 'EXIT' }), { exitCode: 1 }, false],
  ] as const)('%s', (_name, rules, failure, retried) => {
    expect(isRetried(rules, 1, failure)).toBe(retried);
  });

  it('never after the last attempt', () => {
    expect(isRetried(strategy({ action: 'RETRY' }), 3, { exitCode: 1 })).toBe(false);
  });

  it('is once by default', () => {
    expect(readRetryStrategy({}, 'SubmitJob').attempts).toBe(1);
  });
});
