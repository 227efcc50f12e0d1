import type { Tool } from '../tool';
import { command, reference, versionOf, writeSettings } from './program';
import { hostSettings } from './regclient';

export const regctl: Tool = {
  name: 'regctl',
  version: () => versionOf('regctl', ['version', '--format', '{{.VCSTag}}'], /^v?(\S+)/),
  async commands(task, folder) {
    const [image, ...others] = task.wanted;
    // It compares nothing without copying, and takes one image a command.
    if (image === undefined || others.length > 0 || task.kind === 'plan') return undefined;
    const settings = writeSettings(folder, 'regctl.json', { hosts: hostSettings(task) });
    // `--fast` would leave out referrers that are new to an image that is there.
    const flags = task.referrers ? ['--referrers', '--digest-tags'] : ['--fast'];
    return image.destinations.map((destination) =>
      command('regctl', ['image', 'copy', ...flags, reference(image.source), reference(destination)], task, folder, {
        REGCTL_CONFIG: settings,
      }),
    );
  },
};
