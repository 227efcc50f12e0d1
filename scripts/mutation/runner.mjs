import { createRequire } from 'node:module';
import { Suite } from './suite.mjs';

/** Stryker's words: `MutantRunStatus`, `DryRunStatus`, `TestStatus` of @stryker-mutator/api. */
const SUCCESS = 0;
const FAILED = 1;

/** Milliseconds. Mutants that live while files are loaded concern every test: those that show that much is no trouble are spared. */
const LONG = 100;

/**
 * Runs our tests on mutants, in one process that is never left. Which mutant is alive is a number that the mutated code looks up
 * (`__stryker__`); files are loaded anew only for those that live in code that runs while it is loaded.
 */
class Runner {
  #suite;
  #stryker = {};
  /** Whether what is loaded is as it was written: not yet, and not after a mutant that lives while files are loaded. */
  #isLoaded = false;

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    globalThis.__stryker__ = this.#stryker;
    const root = process.cwd();
    const { default: fc } = createRequire(`${root}/package.json`)('fast-check');
    // The same values at each run, and no search for the smallest that fails: one is enough.
    fc.configureGlobal({ seed: 20_261_120, numRuns: 20, endOnFailure: true });
    this.#suite = new Suite(root, process.env.MUTATION_TESTS.split(','));
  }

  async dryRun() {
    this.#suite.load();
    this.#isLoaded = true;
    const results = await this.#suite.run({ before: (name) => Object.assign(this.#stryker, { currentTestId: name }) });
    this.#stryker.currentTestId = undefined;
    const tests = results.map(({ name, took, error }) => ({
      id: name,
      name,
      timeSpentMs: took,
      status: error === undefined ? SUCCESS : FAILED,
      ...(error === undefined ? {} : { failureMessage: String(error.stack ?? error) }),
    }));
    return { status: 'complete', tests, mutantCoverage: this.#stryker.mutantCoverage };
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit, disableBail }) {
    const isStatic = mutantActivation === 'static';
    Object.assign(this.#stryker, {
      activeMutant: undefined,
      hitCount: hitLimit === undefined ? undefined : 0,
      hitLimit,
    });
    if (!isStatic && !this.#isLoaded) this.#suite.load();
    this.#stryker.activeMutant = activeMutant.id;
    this.#isLoaded = !isStatic;
    try {
      if (isStatic) this.#suite.load();
    } catch (error) {
      return { status: 'killed', killedBy: ['loading'], failureMessage: String(error), nrOfTests: 0 };
    }
    const only = testFilter === undefined ? undefined : new Set(testFilter);
    const within = isStatic ? LONG : undefined;
    const run = () => this.#suite.run({ only, within, untilFailure: !disableBail });
    let results = await run();
    if (!isStatic && results.every(({ error }) => error === undefined)) {
      // What the unchanged code has left in memory (a cache of patterns) may have hidden it.
      this.#suite.load();
      this.#isLoaded = false;
      results = await run();
    }
    if (results.length === 0) return { status: 'error', errorMessage: 'there are no such tests' };
    if (hitLimit !== undefined && this.#stryker.hitCount > hitLimit) return { status: 'timeout', reason: 'a loop' };
    const failed = results.filter(({ error }) => error !== undefined);
    if (failed.length === 0) return { status: 'survived', nrOfTests: results.length };
    const [{ error }] = failed;
    const killedBy = failed.map(({ name }) => name);
    return { status: 'killed', killedBy, failureMessage: String(error), nrOfTests: results.length };
  }
}

const factory = () => new Runner();
factory.inject = [];
export const strykerPlugins = [{ kind: 'TestRunner', name: 'ours', factory }];
