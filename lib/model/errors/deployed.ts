import type { DeployedCode } from '../error-code';
import type { ErrorEntry } from './entry';

export const DEPLOYED_ERRORS: Readonly<Record<DeployedCode, ErrorEntry>> = {
  AWS_CREDENTIALS: {
    meaning:
      'There are no AWS credentials, or AWS does not take them: expired, unknown, of another partition, or used by a machine whose clock is wrong.',
    look: '`aws sts get-caller-identity` in the same shell. `ecr-mirror doctor` compares the clock, too.',
    remedy: 'Log in again (`aws sso login`), or name the profile: `--profile`, `AWS_PROFILE`.',
    asks: ['denied'],
  },
  AWS_DENIED: {
    meaning: 'AWS answered that these credentials may not do that.',
    look: 'The message has the action and often the resource. Policies of the role, of the resource, and of the organisation count.',
    remedy:
      "Grant the action. The construct's own roles have what they need; what it does not know (another account, a key of your own) is for you to grant.",
    asks: ['denied'],
  },
  AWS_THROTTLED: {
    meaning: 'AWS limits how often this is asked, and did so until patience was at an end.',
    look: 'The service and account that the message names; Service Quotas has the limit.',
    remedy: 'The next run tries again. When it happens each time, ask for a higher quota, or spread rows by `Every`.',
    asks: ['unavailable'],
  },
  AWS_UNAVAILABLE: {
    meaning: 'An AWS service answered with a fault of its own, or not at all.',
    look: 'The AWS Health Dashboard; in a private subnet, whether the service has an endpoint or a route.',
    remedy: 'Wait, or open the way to the service. What was not done is done by the next run.',
    asks: ['unavailable'],
  },
  AWS_REFUSED: {
    meaning:
      'An AWS service understood the request and does not want it: no such resource, a limit that is reached, a value that it does not take.',
    look: "The message has the service's own name for it.",
    remedy:
      'What that name asks for. Of a table, function or stack that is not there: is it the right Region and account?',
    asks: ['usage'],
  },
  SECRET_INVALID: {
    meaning: 'A secret or parameter holds no credential that could be used.',
    look: 'The message names the secret and the shapes that would do; the secret itself is never shown.',
    remedy: 'Write it anew in one of these shapes.',
    asks: ['usage'],
  },
  CONTROLLER_FAILED: {
    meaning: 'The controller was called and failed, or a run of it could not do all that it was to.',
    look: "The log of its function: each line is JSON, with the run's id. `ecr-mirror run` shows the errors of one run.",
    remedy: 'What they ask for. Lambda tries again by itself, and the next run on schedule begins anew.',
    asks: ['internal', 'denied', 'unavailable', 'usage'],
  },
  CONTROLLER_SILENT: {
    meaning: 'There has been no run on schedule for three times as long as usual.',
    look: "The controller's schedule in EventBridge Scheduler: is it enabled? Then its function: throttled, or without concurrency?",
    remedy: 'Enable the schedule, or deploy the stack again.',
    asks: [],
  },
  WEBHOOK_REFUSED: {
    meaning:
      'A webhook was not taken: from nobody that is known, not signed as agreed, too large, or at a moment without a table.',
    look: 'The log of the webhook function says why and of which sender; the answer (401, 404, 413, 503) does not.',
    remedy:
      "Give both sides the same secret, and the sender the URL from the stack's outputs. A sender that was told 503 tries again.",
    asks: [],
  },
};
