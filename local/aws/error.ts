/** An error as an AWS service answers it. `code` is the exception's name in the service's API, `status` the HTTP status. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    /** Further members of the exception, such as `Item` of ConditionalCheckFailedException. */
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = code;
  }
}
