/** Tests that need real tools (registries, skopeo, debootstrap): `npm run test:real`. The ordinary `npm test` has none of them. */
module.exports = {
  ...require('./jest.config.js'),
  roots: ['<rootDir>/test/real'],
  testMatch: ['**/*.real.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
};
