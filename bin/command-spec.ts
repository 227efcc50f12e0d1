import type { FlagName } from './flags';

export interface CommandSpec {
  readonly name:
    | 'copy'
    | 'sync'
    | 'plan'
    | 'serve'
    | 'verify'
    | 'export'
    | 'load'
    | 'contents'
    | 'import'
    | 'tags'
    | 'status'
    | 'list'
    | 'add'
    | 'remove'
    | 'run'
    | 'prune'
    | 'doctor'
    | 'pull-config'
    | 'explain'
    | 'completion'
    | 'report';
  readonly usage: string;
  readonly summary: string;
  /** Least and most arguments that are not flags. */
  readonly arguments: readonly [number, number];
  /** Beside the common ones. */
  readonly flags: readonly FlagName[];
  /** Lines of help. */
  readonly about: readonly string[];
  readonly examples: readonly string[];
}
