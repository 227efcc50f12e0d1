'use strict';
// Loaded before the program that is watched: when asked, says what it holds after a collection of garbage.
const { readdirSync, readFileSync, readlinkSync } = require('node:fs');

process.on('message', async () => {
  // The first collection lets finalizers run, the second one takes what they let go.
  global.gc();
  await new Promise(setImmediate);
  global.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const open = descriptors();
  const count = (type) => resources.filter((one) => one === type).length;
  process.send?.({
    rss,
    heap: heapUsed + external,
    handles: resources.length,
    sockets: open.filter((link) => link.startsWith('socket:')).length,
    timers: count('Timeout'),
    files: open.length,
    children: children(),
  });
});
process.channel?.unref();

// Both are Linux's; elsewhere there is nothing to see.
function descriptors() {
  try {
    return readdirSync('/proc/self/fd').map(link);
  } catch {
    return [];
  }
}

// The one by which the folder is read is gone by then.
function link(descriptor) {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}

function children() {
  try {
    return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean).length;
  } catch {
    return 0;
  }
}
