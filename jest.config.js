const { availableParallelism } = require('node:os');

// The AWS SDK's notice about versions of Node, once for each test file that opens a client, would bury what tests say.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** Tests run on the sources, compiled file by file; types are checked by `npm run types`. */
module.exports = {
  testEnvironment: '<rootDir>/test/canary/environment.ts',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
    '\\.(?:pod\\.mjs|sh)$': '<rootDir>/test/text-file.cjs',
  },
  setupFiles: ['<rootDir>/test/fuzz.setup.ts'],
  testTimeout: 30_000,
  // On two cores jest would use one.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  testSequencer: '<rootDir>/test/sequencer.cjs',
};
