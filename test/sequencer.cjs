const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Registries at fault go first: they are made of very many promises, and tests that load the AWS SDK leave hooks on promises
 * behind in a process that runs several files, which makes each of them three times as slow.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const isFault = ({ path }) => /[\\/]test[\\/]fault[\\/]/.test(path);
    const sorted = super.sort(tests);
    return [...sorted.filter(isFault), ...sorted.filter((test) => !isFault(test))];
  }
};
