/**
 * Tests that need real tools (registries, skopeo, debootstrap): `npm run test:real`. The ordinary `npm test` has none of
 * them, so that no test is counted twice.
 */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['**/*.real.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
};
