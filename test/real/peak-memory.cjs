/** For `node --require`: on exit, writes the highest resident memory of this process in KiB to the file PEAK_MEMORY_FILE. */
const { readFileSync, writeFileSync } = require('node:fs');

const file = process.env.PEAK_MEMORY_FILE;
if (file !== undefined) {
  process.on('exit', () => {
    const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    writeFileSync(file, peak === null ? '' : peak[1]);
  });
}
