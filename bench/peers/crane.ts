import type { Tool } from '../tool';
import { command, reference, versionOf } from './program';

/**
 * go-containerregistry's. Its default is as many jobs as there are cores; `--jobs` is for layers, manifests and downloads
 * alike. Addresses of this machine it tries by https first and then by http, which no flag spares it.
 */
export const CRANE_JOBS = 16;

export const crane: Tool = {
  name: 'crane',
  version: () => versionOf('crane', ['version'], /^v?(\S+)/),
  async commands(task, folder) {
    const [image, ...others] = task.wanted;
    // It knows nothing of referrers, compares nothing without copying, and takes one image a command.
    if (image === undefined || others.length > 0 || task.referrers || task.kind === 'plan') return undefined;
    return image.destinations.map((destination) => {
      const jobs = task.untuned === true ? [] : ['--jobs', String(CRANE_JOBS)];
      const args = ['copy', ...jobs, reference(image.source), reference(destination)];
      return command('crane', args, task, folder);
    });
  },
};
