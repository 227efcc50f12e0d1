'use strict';
// Loaded before a worker. A container's first process gets no default action for SIGTERM: without a handler of its own it
// is not stopped by it. An empty handler is just that.
process.on('SIGTERM', () => {});
require('./tied.cjs');
