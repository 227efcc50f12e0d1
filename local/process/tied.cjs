'use strict';
// Ties a process to the one that started it: when that one goes, however it goes, this one ends.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.channel?.unref();
