import type { CommandCode } from '../lib/model/error-code';

/** What was asked for cannot be done as asked: exit code 64. The message is one line: what was got, what would do. */
export class UsageError extends Error {
  /** @param code what it is called, in the catalogue of errors. @default - a mistake in the command */
  constructor(
    message: string,
    readonly code: CommandCode = 'USAGE',
  ) {
    super(message);
    this.name = 'UsageError';
  }
}
