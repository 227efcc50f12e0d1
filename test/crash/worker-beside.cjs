'use strict';
// Loaded before the bundles that the tests of crashes run: what they take for the time is this machine's and the seconds that
// the file CRASH_CLOCK says; SIGUSR2 makes the process run out of memory.
const { readFileSync } = require('node:fs');

const machine = Date.now;
const ahead = () => 1000 * Number(readFileSync(process.env.CRASH_CLOCK, 'utf8'));
Date.now = () => machine() + ahead();

// What servers say of the time, as HTTP does, they say by this machine's: the AWS SDK asks again when clocks are apart.
const parse = Date.parse;
Date.parse = (text) => parse(text) + (/ GMT$/.test(text) ? ahead() : 0);

// Until when an invocation of a function may last is said in the time of who invokes it.
process.on('message', (message) => {
  if (typeof message?.deadline === 'number') message.deadline += ahead();
});

process.on('SIGUSR2', () => {
  const hoard = [];
  for (;;) hoard.push(new Array(10_000).fill(hoard.length));
});
