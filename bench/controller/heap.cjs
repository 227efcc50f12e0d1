'use strict';
// Loaded before the controller: says on a line of the log how much of the heap was alive after each full collection of garbage.
const { constants, PerformanceObserver } = require('node:perf_hooks');

new PerformanceObserver((list) => {
  const isFull = list.getEntries().some(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR);
  if (!isFull) return;
  const used = Math.round(process.memoryUsage().heapUsed / 1024);
  process.stdout.write(`${JSON.stringify({ event: 'heap', kibibytes: used })}\n`);
}).observe({ entryTypes: ['gc'] });
