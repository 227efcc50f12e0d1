import { AwsError } from '../aws/error';

export function validation(message: string): AwsError {
  return new AwsError('ValidationException', `1 validation error detected: ${message}`);
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', `Invalid parameter at '${message}`);
}
