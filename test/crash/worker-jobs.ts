import { randomUUID } from 'node:crypto';
import type { Service } from '../../local/aws/endpoint';
import { AwsError } from '../../local/aws/error';
import type { Job } from '../../local/batch/job';
import { type Registered, readSubmission } from '../../local/batch/submission';

/** AWS Batch as far as it takes jobs: each as strictly as ever, and left to whoever wants to run it. */
export function acceptingJobs(registered: () => Registered, accepted: Job[]): Service {
  return ({ operation, input, payloadBytes }) => {
    if (operation !== 'submitjob') throw new AwsError('UnknownOperationException', `batch ${operation}`);
    const id = randomUUID();
    const submission = readSubmission(input, payloadBytes, registered());
    const arn = `${submission.queue.arn.split(':job-queue/')[0]}:job/${id}`;
    accepted.push({ id, arn, submission, createdAt: Date.now(), status: 'RUNNING', attempts: [], children: [] });
    return { output: { jobArn: arn, jobName: submission.name, jobId: id } };
  };
}
