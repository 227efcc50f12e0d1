/**
 * Tests that need real tools (registries, skopeo, debootstrap): `npm run test:real`. The ordinary `npm test` has none of them
 * but the suite of all stores, which is run again here with the real registries.
 */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['**/*.real.ts', '**/engine/store.test.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
};
