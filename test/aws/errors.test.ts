import { awsFailure } from '../../aws/errors';

const thrown = (name: string, status?: number, message = 'not this time') =>
  Object.assign(new Error(message), {
    name,
    ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }),
  });

describe("an AWS service's error", () => {
  it.each([
    ['AccessDeniedException', 400, 'denied'],
    ['UnrecognizedClientException', 400, 'denied'],
    ['ExpiredTokenException', 400, 'denied'],
    ['CredentialsProviderError', undefined, 'denied'],
    ['Forbidden', 403, 'denied'],
    ['ThrottlingException', 400, 'unavailable'],
    ['TooManyRequestsException', 429, 'unavailable'],
    ['InternalServerError', 500, 'unavailable'],
    ['ServiceUnavailable', 503, 'unavailable'],
    ['TimeoutError', undefined, 'unavailable'],
    ['ValidationException', 400, 'usage'],
    ['ParameterNotFound', 400, 'usage'],
  ])('%s with status %s is %s', (name, status, failure) => {
    expect(awsFailure('read it', thrown(name, status))).toMatchObject({
      failure,
      message: `read it: ${name}: not this time`,
    });
  });

  it.each(['UnrecognizedClientException', 'InvalidClientTokenId', 'SignatureDoesNotMatch', 'RequestExpired'])(
    '%s is about the credentials, whatever its status says',
    (name) => {
      expect(awsFailure('read it', thrown(name, 403))).toMatchObject({ code: 'AWS_CREDENTIALS', failure: 'denied' });
    },
  );

  it('says what would do, where somebody knows', () => {
    expect(awsFailure('read it', thrown('ParameterNotFound', 400), 'cdk deploy would do').message).toBe(
      'read it: ParameterNotFound: not this time; cdk deploy would do',
    );
  });

  it('has no name where what was thrown has none', () => {
    expect(awsFailure('read it', new Error('broken')).message).toBe('read it: broken');
    expect(awsFailure('read it', 'broken')).toMatchObject({ message: 'read it: broken', failure: 'unavailable' });
    expect(awsFailure('read it', undefined).message).toMatch(/^read it: ./);
  });
});
