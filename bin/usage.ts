/** What was asked for cannot be done as asked: exit code 64. The message is one line: what was got, what would do. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
