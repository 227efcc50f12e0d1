import { type Clock, systemClock } from '../../engine/ports';
import { show } from '../../lib/model/invalid';
import { AwsError } from '../aws/error';
import { type Json, type JsonMap, listOf, textOf } from '../template/value';
import { describeJob, type Job } from './job';
import type { Runner } from './runner';
import { type Registered, readSubmission } from './submission';

/** Operations of AWS Batch by the last part of their path; the input is the request's body. */
export type BatchApi = Readonly<Record<string, (input: JsonMap, payloadBytes: number) => JsonMap>>;

export interface BatchApiOptions {
  readonly runner: Runner;
  readonly registered: Registered;
  readonly clock?: Clock;
}

const SUBMISSIONS_PER_SECOND = 50;
const MOST_DESCRIBED = 100;

export function makeBatchApi({ runner, registered, clock = systemClock }: BatchApiOptions): BatchApi {
  const submitted: number[] = [];
  const throttle = () => {
    const now = clock.now();
    while (submitted[0] !== undefined && submitted[0] <= now - 1000) submitted.shift();
    if (submitted.length >= SUBMISSIONS_PER_SECOND) {
      throw new AwsError('TooManyRequestsException', 'Too Many Requests', 429);
    }
    submitted.push(now);
  };
  const jobNamed = (operation: string, input: JsonMap): Job => {
    const job = runner.find(textOf(input.jobId) ?? '');
    if (job === undefined) {
      throw new AwsError('ClientException', `${operation}: jobId: got ${show(input.jobId)}; a job's id would do`);
    }
    return job;
  };
  const reasonOf = (operation: string, input: JsonMap): string => {
    const reason = textOf(input.reason);
    if (reason === undefined)
      throw new AwsError('ClientException', `${operation}: reason: got nothing; a text would do`);
    return reason;
  };

  return {
    submitjob: (input, payloadBytes) => {
      throttle();
      const job = runner.submit(readSubmission(input, payloadBytes, registered));
      return { jobArn: job.arn, jobName: job.submission.name, jobId: job.id };
    },
    describejobs: (input) => {
      const ids = listOf(input.jobs);
      if (ids.length > MOST_DESCRIBED) {
        throw new AwsError(
          'ClientException',
          `DescribeJobs: jobs: got ${ids.length}; at most ${MOST_DESCRIBED} would do`,
        );
      }
      const found = ids.map((id) => runner.find(String(id))).filter((job) => job !== undefined);
      return { jobs: found.map(describeJob) };
    },
    listjobs: (input) => ({ jobSummaryList: listJobs(runner, input) }),
    canceljob: (input) => {
      runner.cancel(jobNamed('CancelJob', input), reasonOf('CancelJob', input));
      return {};
    },
    terminatejob: (input) => {
      runner.terminate(jobNamed('TerminateJob', input), reasonOf('TerminateJob', input));
      return {};
    },
  };
}

/** Of a queue (running ones unless a status is given) or the children of an array job. All on one page. */
function listJobs(runner: Runner, input: JsonMap): readonly Json[] {
  const status = textOf(input.jobStatus) ?? 'RUNNING';
  const parent = textOf(input.arrayJobId);
  const queue = textOf(input.jobQueue);
  const jobs =
    parent === undefined
      ? runner.list().filter(({ submission }) => queue === submission.queue.arn || queue === submission.queue.name)
      : (runner.find(parent)?.children ?? []);
  return jobs.filter((job) => job.status === status).map(describeJob);
}
