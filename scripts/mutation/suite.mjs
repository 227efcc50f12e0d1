import { createRequire } from 'node:module';
import { join } from 'node:path';
import swc from '@swc/core';

/** Tests that show that much is no trouble take most of the time, and on some mutants all of the memory. */
const OF_SCALE = /thousand/;

/**
 * The tests of a few files, loaded once and run as often as wanted in this very process: what `describe`, `it`, their tables and
 * hooks mean to Jest. A run of Jest takes a second, and thousands of mutants want one.
 */
export class Suite {
  #root;
  #files;
  #require;
  #compiled = new Map();
  #tests = [];
  /** Milliseconds that tests took when they last passed. */
  #took = new Map();

  /** @param root the folder that files are named from; of what is in it nothing stays loaded when it is loaded anew */
  constructor(root, files) {
    this.#root = root;
    this.#files = files;
    this.#require = createRequire(join(root, 'package.json'));
    this.#require.extensions['.ts'] = (module, file) => module._compile(this.#compile(file), file);
  }

  load() {
    for (const file of Object.keys(this.#require.cache)) {
      if (file.startsWith(this.#root) && !file.includes('node_modules')) delete this.#require.cache[file];
    }
    this.#tests = [];
    Object.assign(globalThis, { expect: this.#require('expect').expect }, this.#words());
    for (const file of this.#files) this.#require(join(this.#root, file));
  }

  /**
   * Runs tests one after another, those first that took least before.
   *
   * @param only names of tests. @default - all
   * @param within milliseconds: tests that took longer are left out. @default - none
   * @returns what each was, how long it took in milliseconds, and what it threw
   */
  async run({ only, within = Number.POSITIVE_INFINITY, untilFailure, before }) {
    const results = [];
    const took = ({ name }) => this.#took.get(name) ?? 0;
    const wanted = this.#tests.filter((test) => (only === undefined || only.has(test.name)) && took(test) <= within);
    for (const test of wanted.sort((a, b) => took(a) - took(b))) {
      before?.(test.name);
      const began = performance.now();
      const error = await outcome(test);
      const result = { name: test.name, took: performance.now() - began, error };
      if (error === undefined) this.#took.set(test.name, result.took);
      results.push(result);
      if (error !== undefined && untilFailure) break;
    }
    return results;
  }

  #words() {
    let scope = { name: '', before: [], after: [] };
    const describe = (name, define) => {
      const outer = scope;
      scope = { name: `${outer.name}${name} › `, before: [...outer.before], after: [...outer.after] };
      define();
      scope = outer;
    };
    const it = (name, run) => {
      if (!OF_SCALE.test(name)) this.#tests.push({ name: this.#unique(scope.name + name), run, scope });
    };
    const { bind } = this.#require('jest-each');
    it.each = bind(it);
    describe.each = bind(describe);
    const beforeEach = (hook) => scope.before.push(hook);
    const afterEach = (hook) => scope.after.unshift(hook);
    return { describe, it, test: it, beforeEach, afterEach };
  }

  #unique(name) {
    const alike = this.#tests.filter((test) => test.name === name || test.name.startsWith(`${name} #`)).length;
    return alike === 0 ? name : `${name} #${alike + 1}`;
  }

  #compile(file) {
    const known = this.#compiled.get(file);
    if (known !== undefined) return known;
    const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } };
    const { code } = swc.transformFileSync(file, { ...options, swcrc: false });
    this.#compiled.set(file, code);
    return code;
  }
}

async function outcome({ run, scope }) {
  try {
    for (const hook of scope.before) await hook();
    await run();
    return undefined;
  } catch (error) {
    return error ?? new Error('threw nothing');
  } finally {
    for (const hook of scope.after) await hook();
  }
}
