import type { ErrorCode } from './model/error-code';

const CODE: ErrorCode = 'PROPS_INVALID';

/** The app asks for what could not work. One line: which prop, what was got, what would do; `ecr-mirror explain` knows its code. */
export class PropsInvalid extends Error {
  readonly code = CODE;

  constructor(message: string) {
    super(`${message} [${CODE}]`);
    this.name = 'PropsInvalid';
  }
}
