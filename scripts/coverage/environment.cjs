'use strict';
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, writeFileSync } = require('node:fs');
const { Session } = require('node:inspector');
const { join, resolve } = require('node:path');
const { pathToFileURL } = require('node:url');
const { TestEnvironment } = require('jest-environment-node');
const places = require('./places.json');

const folder = (path) => resolve(__dirname, '..', '..', path);
const root = `${pathToFileURL(folder('.')).href}/`;
const JEST = folder(places.jest);

/**
 * Counts what V8 executes while a test file runs, and writes the part that is ours. Once for each process of jest; the
 * processes that tests start write theirs by themselves, because Node hands NODE_V8_COVERAGE on whatever environment they get.
 */
class Meter {
  #session = new Session();
  #written = 0;

  constructor() {
    mkdirSync(JEST, { recursive: true });
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** What was executed since the last time. */
  write() {
    const { result } = this.#post('Profiler.takePreciseCoverage');
    const ours = result.filter(({ url }) => places.measured.some((folder) => url.startsWith(`${root}${folder}/`)));
    if (ours.length === 0) return;
    this.#writeSources(ours);
    const scripts = ours.map(({ url, functions }) => ({ url, functions }));
    writeFileSync(join(JEST, `${process.pid}-${++this.#written}.json`), JSON.stringify(scripts));
  }

  /** The texts that were compiled, as V8 has them: with jest's wrapper, and the source map at the end. */
  #writeSources(scripts) {
    const missing = scripts.filter(({ url }) => !existsSync(sourceFile(url)));
    if (missing.length === 0) return;
    this.#post('Debugger.enable');
    for (const { url, scriptId } of missing) {
      const { scriptSource } = this.#post('Debugger.getScriptSource', { scriptId });
      writeFileSync(sourceFile(url), scriptSource);
    }
    this.#post('Debugger.disable');
  }

  /** Answers come at once: the session is of this very thread. */
  #post(method, params) {
    let answer;
    this.#session.post(method, params, (error, result) => {
      if (error) throw new Error(`${method}: ${error.message}`);
      answer = result;
    });
    return answer;
  }
}

function sourceFile(url) {
  return join(JEST, `${createHash('sha256').update(url).digest('hex').slice(0, 32)}.js`);
}

let meter;

module.exports = class extends TestEnvironment {
  constructor(...given) {
    process.env.NODE_V8_COVERAGE = folder(places.spawned);
    super(...given);
    meter ??= new Meter();
  }

  async teardown() {
    meter.write();
    await super.teardown();
  }
};
