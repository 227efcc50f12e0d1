import type { JobCode } from '../error-code';
import type { ErrorEntry } from './entry';

/** A job that failed asks for nothing by itself: the next run submits its copies again. */
export const JOB_ERRORS: Readonly<Record<JobCode, ErrorEntry>> = {
  JOB_FAILED: {
    meaning: 'A job of AWS Batch ended without saying how its copies did.',
    look: 'The message has the job, its status reason and exit code. Its log stream in CloudWatch has the rest.',
    remedy: 'The next run submits the copies again. When it fails each time, the log says at what.',
    asks: ['unavailable'],
  },
  JOB_TIMED_OUT: {
    meaning: 'A job took longer than it may and was ended. What it had finished stays.',
    look: "Its log: which copy was it at, and how fast? The construct's `timeout` is the limit.",
    remedy: 'The next run goes on with the rest. A longer timeout, or more workers, when it happens again.',
    asks: ['unavailable'],
  },
  JOB_OUT_OF_MEMORY: {
    meaning: 'A worker needed more memory than it has.',
    look: 'Its log, and `memory` of the construct.',
    remedy: 'Give the worker more memory. It streams and keeps no layer: tell us what it copied.',
    asks: ['unavailable'],
  },
  JOB_IMAGE_UNAVAILABLE: {
    meaning: 'AWS Batch could not pull the image of the worker itself.',
    look: 'The subnets: is there a way to Amazon ECR and, for its layers, to Amazon S3? Is the image still there?',
    remedy:
      'Give the subnets a route or the endpoints (the construct makes them: `vpcEndpoints`), or deploy again to push the image.',
    asks: ['unavailable'],
  },
  JOB_NOT_STARTED: {
    meaning:
      'A job could not be started: its resources could not be prepared, or it can never fit where it should run.',
    look: 'The status reason in the message. ResourceInitializationError is about secrets, logs or the network.',
    remedy: 'Mend what it names: most often a subnet without a route to the service.',
    asks: ['unavailable'],
  },
  JOB_INTERRUPTED: {
    meaning: 'The capacity that a job ran on was taken back, as often as it was tried.',
    look: 'Spot interruptions in this Region and at this time.',
    remedy: 'The next run goes on. When it happens often: `spot: false` in the construct.',
    asks: ['unavailable'],
  },
  JOB_CANCELLED: {
    meaning: 'Somebody cancelled or terminated a job.',
    look: 'CloudTrail says who: CancelJob or TerminateJob.',
    remedy: 'Nothing: the next run submits its copies again. To stop for longer, pause the rows.',
    asks: ['unavailable'],
  },
  QUEUE_BLOCKED: {
    meaning: 'The job at the head of the queue cannot start, and all others wait behind it.',
    look: 'The message has the reason that AWS Batch gives: capacity, subnets without addresses, roles, or a size that nothing has.',
    remedy: 'Mend what it names, or terminate the job: its copies are submitted again.',
    asks: [],
  },
};
