import fc from 'fast-check';

/**
 * Properties are tried with new values at each run, and in CI with the same ones at each, so that a change is never held up
 * by what it did not cause. `FUZZ_RUNS` is how often each is tried. @default 100
 */
fc.configureGlobal({
  ...(process.env.CI === undefined ? {} : { seed: 20_261_120 }),
  ...(process.env.FUZZ_RUNS === undefined ? {} : { numRuns: Number(process.env.FUZZ_RUNS) }),
});
