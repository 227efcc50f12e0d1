import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withPart } from '../../test/fault/report';
import { formatScores, type MutantResult, scores, WANTED } from './scores';

/**
 * `npm run mutation`: changes a line at a time and sees whether a test notices. Fails where too many changes go unnoticed, and
 * lists them. `--sample` does a few files, `--page` writes the scores into docs/reliability.md; files that are named are the ones
 * that are changed: `npm run mutation -- lib/model/reference.ts`.
 */
const PAGE = 'docs/reliability.md';
/** Beside their own tests, those of the files that they are made of. */
const TESTS = ['engine/plan', 'engine/make-plan', 'engine/registry/address'].map((name) => `test/${name}.test.ts`);
const ALL = ['lib/model/*.ts', 'engine/plan.ts', 'engine/make-plan.ts', 'engine/registry/{address,hosts}.ts'];
const SAMPLE = ['lib/model/permissions.ts', 'engine/plan.ts', 'engine/registry/address.ts'];
/** What is no part of a run is not copied for it. */
const KEPT = ['lib', 'engine', 'test', 'package.json', 'tsconfig.json', 'jest.config.js'];

async function main(given: readonly string[]): Promise<void> {
  const named = given.filter((argument) => !argument.startsWith('--'));
  const mutate = named.length > 0 ? named : given.includes('--sample') ? SAMPLE : ALL;
  const began = performance.now();
  const results = await mutants(mutate);
  const seconds = Math.round((performance.now() - began) / 1000);
  const found = scores(results);
  console.log(`\n${formatScores(found)}\n`);
  const low = found.filter(({ score }) => score < WANTED);
  for (const { what, score } of low) console.error(`${what}: got ${score.toFixed(1)} %; ${WANTED} would do`);
  if (low.length > 0 || found.length === 0) process.exitCode = 1;
  if (!given.includes('--page')) return;
  const date = new Date().toISOString().slice(0, 10);
  const text = `Run of ${date} with Node ${process.versions.node}, in ${seconds} s:\n\n${formatScores(found)}`;
  writeFileSync(PAGE, withPart(readFileSync(PAGE, 'utf8'), 'mutation', text));
}

async function mutants(mutate: readonly string[]): Promise<readonly MutantResult[]> {
  const { Stryker } = await import('@stryker-mutator/core');
  const model = readdirSync('test/model').filter((file) => file.endsWith('.test.ts'));
  process.env.MUTATION_TESTS = [...model.map((file) => join('test/model', file)), ...TESTS].join(',');
  const stryker = new Stryker({
    mutate: [...mutate],
    plugins: [resolve('scripts/mutation/runner.mjs')],
    testRunner: 'ours',
    coverageAnalysis: 'perTest',
    concurrency: 2,
    ignorePatterns: ['/*', ...KEPT.map((path) => `!/${path}`)],
    disableTypeChecks: true,
    tempDirName: 'build/mutation',
    // What is killed by never ending; a machine may have other things to do meanwhile.
    timeoutMS: 60_000,
    warnings: { unknownOptions: true, preprocessorErrors: true, unserializableOptions: true, slow: false },
    reporters: ['clear-text'],
    clearTextReporter: { logTests: false, reportTests: false, reportScoreTable: false },
  });
  return stryker.runMutationTest();
}

void main(process.argv.slice(2));
