'use strict';
const base = require('../../jest.config.js');

/** What tests the constructs alone, their documents and the benchmark is left out: none of it runs what is measured. */
module.exports = {
  ...base,
  rootDir: '../..',
  testEnvironment: '<rootDir>/scripts/coverage/environment.cjs',
  testPathIgnorePatterns: [
    '/node_modules/',
    '/test/(lib|nag|examples|docs|package|emulator|bench|canary)/',
    '/test/boundaries',
  ],
  // Counting takes time.
  testTimeout: 120_000,
};
