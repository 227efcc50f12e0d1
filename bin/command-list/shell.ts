import type { CommandSpec } from '../command-spec';

/** What makes the command line itself more comfortable. */
export const SHELL: readonly CommandSpec[] = [
  {
    name: 'completion',
    usage: 'completion SHELL',
    summary: 'completion of commands, flags and their values for bash, zsh or fish',
    arguments: [1, 1],
    flags: [],
    offline: true,
    about: [
      'Prints a script for SHELL, which is bash, zsh or fish. Read it where the shell',
      'starts, ~/.bashrc or ~/.zshrc (after compinit); fish reads what is in',
      '~/.config/fish/completions/ecr-mirror.fish. It starts no program.',
    ],
    examples: [
      'source <(ecr-mirror completion bash)',
      'source <(ecr-mirror completion zsh)',
      'ecr-mirror completion fish > ~/.config/fish/completions/ecr-mirror.fish',
    ],
  },
];
