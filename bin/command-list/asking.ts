import type { CommandSpec } from '../command-spec';

/** What asks nobody. */
export const ASKING: readonly CommandSpec[] = [
  {
    name: 'explain',
    usage: 'explain [CODE…]',
    summary: 'what a code means that errors end with, and what to do about it',
    arguments: [0, Number.POSITIVE_INFINITY],
    flags: [],
    offline: true,
    about: [
      'Errors end with a code in brackets, JSON lines have it as `code`, the table of',
      'copies as Code. Without a CODE all of them are listed. No network is used.',
    ],
    examples: ['ecr-mirror explain TAG_IMMUTABLE', 'ecr-mirror explain --json'],
  },
];
