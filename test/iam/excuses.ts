import type { Excuse } from './proof';

/** Where a pull from elsewhere is part of the story. */
export const PULLING: Excuse = {
  grant: /: ecr:BatchCheckLayerAvailability arn:aws:ecr:[^ ]+:repository\/(?!mirror\/)/,
  because: 'Amazon ECR documents three actions for a pull and does not say which request asks for which of them',
};

/** For every mirror with a schedule and a stream. */
export const EXCUSES: readonly Excuse[] = [
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

/** Where the story is about something else. */
export const OF_EVERY_MIRROR: Excuse = {
  grant:
    /^Mirror(?:Controller|WorkerJob)Role\w+: (?:ecr:(?:BatchGetImage|GetDownloadUrlForLayer|GetLifecyclePolicy|ListImages)|dynamodb:(?:GetItem|Query|Scan)|batch:SubmitJob) /,
  because: 'every mirror is granted it, and iam.test.ts tells the story in which it is used',
};

/** For a deployment that waits for its images. */
export const WAITING: readonly Excuse[] = [
  {
    grant: /^MirrorArrivalProviderframework\w+: lambda:(?:InvokeFunction|GetFunction) /,
    because: 'CDK grants each function of its provider framework both of ours, whichever of them it invokes',
  },
];
