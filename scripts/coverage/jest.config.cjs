'use strict';
const base = require('../../jest.config.js');

/**
 * What tests the constructs alone, their documents and the benchmark is left out: none of it runs what is measured. The matrix of
 * faults is, because it waits for silence by the clock, and counting takes time; so is the worker that runs as nobody, who may not
 * write what was counted.
 */
module.exports = {
  ...base,
  rootDir: '../..',
  testEnvironment: '<rootDir>/scripts/coverage/environment.cjs',
  testPathIgnorePatterns: [
    '/node_modules/',
    '/test/(lib|nag|examples|docs|package|emulator|bench|canary)/',
    '/test/(boundaries|fault/matrix|soak|crash|container/unprivileged)',
  ],
  testTimeout: 120_000,
};
