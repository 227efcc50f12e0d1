import type { Task, Tool } from '../tool';
import { command, reference, versionOf, writeSettings } from './program';
import { hostSettings } from './regclient';

/** Images copied at once. Without `parallel`, one after another. `check` has nothing like it. */
export const REGSYNC_PARALLEL = 16;

export const regsync: Tool = {
  name: 'regsync',
  version: () => versionOf('regsync', ['version', '--format', '{{.VCSTag}}'], /^v?(\S+)/),
  async commands(task, folder) {
    const settings = writeSettings(folder, 'regsync.yaml', regsyncSettings(task));
    const args = [task.kind === 'plan' ? 'check' : 'once', '--verbosity', 'warn', '--config', settings];
    return [command('regsync', args, task, folder)];
  },
};

/**
 * An entry for each image and destination: an entry for a whole repository would list its tags, and copy them one after
 * another.
 */
function regsyncSettings(task: Task): object {
  return {
    version: 1,
    creds: Object.entries(hostSettings(task)).map(([registry, settings]) => ({ registry, ...settings })),
    defaults: {
      ...(task.untuned === true ? {} : { parallel: REGSYNC_PARALLEL }),
      skipDockerConfig: true,
      referrers: task.referrers,
      digestTags: task.referrers,
      // would leave out referrers that are new to an image that is there
      fastCheck: !task.referrers,
    },
    sync: task.wanted.flatMap(({ source, destinations }) =>
      destinations.map((target) => ({ source: reference(source), target: reference(target), type: 'image' })),
    ),
  };
}
