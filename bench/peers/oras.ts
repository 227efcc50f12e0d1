import type { Tool } from '../tool';
import { command, reference, versionOf } from './program';

/** Its default is 3. */
export const ORAS_CONCURRENCY = 32;

export const oras: Tool = {
  name: 'oras',
  version: () => versionOf('oras', ['version'], /Version:\s*(\S+)/),
  async commands(task, folder) {
    const [image, ...others] = task.wanted;
    // It compares nothing without copying, and takes one image a command.
    if (image === undefined || others.length > 0 || task.kind === 'plan') return undefined;
    const flags = [
      '--no-tty',
      ...(task.untuned === true ? [] : ['--concurrency', String(ORAS_CONCURRENCY)]),
      ...(task.referrers ? ['--recursive'] : []),
      ...(task.certificate === undefined ? ['--from-plain-http', '--to-plain-http'] : []),
    ];
    return image.destinations.map((destination) =>
      command('oras', ['copy', ...flags, reference(image.source), reference(destination)], task, folder),
    );
  },
};
