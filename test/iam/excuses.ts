import type { Excuse } from './proof';

/** For every mirror. */
export const EXCUSES: readonly Excuse[] = [
  {
    grant: /: ecr:BatchCheckLayerAvailability arn:aws:ecr:[^ ]+:repository\/(?!mirror\/)/,
    because: 'Amazon ECR documents three actions for a pull and does not say which request asks for which of them',
  },
  {
    grant: /: dynamodb:ListStreams arn:aws:dynamodb:[^ ]+\/stream\//,
    because:
      'Lambda demands it of whoever reads a stream; IAM knows no resource for it, so that CDK grants what opens nothing',
  },
  {
    grant: /: lambda:InvokeFunction arn:aws:lambda:[^ ]+:function:[^ ]+:\*$/,
    because: 'CDK grants a schedule the versions of its target, too',
  },
];

/** For a deployment that waits for its images. */
export const WAITING: readonly Excuse[] = [
  {
    grant: /^MirrorArrivalProviderframework\w+: lambda:(?:InvokeFunction|GetFunction) /,
    because: 'CDK grants each function of its provider framework both of ours, whichever of them it invokes',
  },
];
