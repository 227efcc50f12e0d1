import { COMMON_FLAGS, type FlagName, NETWORK_FLAGS } from './flags';

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
  /** Beside those of {@link flagsOf}. */
  readonly flags: readonly FlagName[];
  /** Whether it asks nobody: no registry, no AWS. @default - it does ask */
  readonly offline?: true;
  /** Lines of help. */
  readonly about: readonly string[];
  readonly examples: readonly string[];
}

/** All flags that a command takes, its own first. */
export function flagsOf({ flags, offline }: CommandSpec): readonly FlagName[] {
  return [...flags, ...(offline === true ? [] : NETWORK_FLAGS), ...COMMON_FLAGS];
}
