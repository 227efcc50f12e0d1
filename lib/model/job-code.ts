import type { JobCode } from './error-code';

/** What Batch, ECS and their agents say, the first that is found; what they say is for people and may change: then it is `JOB_FAILED`. */
const SAID: readonly (readonly [JobCode, RegExp])[] = [
  ['JOB_OUT_OF_MEMORY', /OutOfMemory/i],
  ['JOB_IMAGE_UNAVAILABLE', /CannotPull|CannotInspect\w*Image|pull image/i],
  [
    'JOB_NOT_STARTED',
    /ResourceInitialization|MISCONFIGURATION|RESOURCE_REQUIREMENT|CannotCreateContainer|CannotStartContainer/,
  ],
  ['JOB_TIMED_OUT', /exceeded timeout|timed out/i],
  ['JOB_INTERRUPTED', /Spot Task was interrupted|Host EC2|Spot interruption/i],
  ['JOB_CANCELLED', /terminat|cancel/i],
];

/** What the end of a job is called, by what AWS Batch says of it. */
export function codeOfJob(reason: string): JobCode {
  return SAID.find(([, said]) => said.test(reason))?.[0] ?? 'JOB_FAILED';
}
