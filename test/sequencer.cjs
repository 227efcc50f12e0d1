const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * What is made of very many promises goes first: registries at fault, then the engine. Tests that load the AWS SDK leave hooks on
 * promises behind in a process that runs several files, which makes others up to twenty times as slow.
 */
const FIRST = [/[\\/]test[\\/]fault[\\/]/, /[\\/]test[\\/]engine[\\/]/];

module.exports = class extends Sequencer {
  sort(tests) {
    const turn = ({ path }) => FIRST.findIndex((folder) => folder.test(path)) >>> 0;
    return [...super.sort(tests)].sort((a, b) => turn(a) - turn(b));
  }
};
