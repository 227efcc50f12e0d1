import { type BatchClient, SubmitJobCommand } from '@aws-sdk/client-batch';
import { jobName, planParameters } from '../lib/model/job';
import { awsFailure } from './errors';
import { isNamed } from './items';

export interface JobTarget {
  /** ARN or name. */
  readonly queue: string;
  /** ARN with its revision, or name. */
  readonly definition: string;
}

/** Children that an array job may have. One alone is a plain job: an array of one is refused. */
export const LARGEST_ARRAY = 10_000;

/**
 * Submits the job of a plan: an array with a child for each group, or a plain job for one. Returns the job's id.
 *
 * A stack update deregisters the revision of the job definition that this controller was deployed with; the newest
 * active revision then serves.
 *
 * @throws EngineError saying what Batch said
 */
export async function submitJob(
  batch: BatchClient,
  target: JobTarget,
  { plan, groups }: { readonly plan: string; readonly groups: number },
): Promise<string> {
  const submit = async (definition: string) => {
    const answer = await batch.send(
      new SubmitJobCommand({
        jobName: jobName(`mirror-${plan}`),
        jobQueue: target.queue,
        jobDefinition: definition,
        parameters: planParameters(plan),
        ...(groups > 1 ? { arrayProperties: { size: groups } } : {}),
      }),
    );
    return answer.jobId ?? '';
  };
  const anyRevision = withoutRevision(target.definition);
  try {
    return await submit(target.definition).catch((error) => {
      if (!isNamed(error, 'ClientException') || anyRevision === target.definition) throw error;
      return submit(anyRevision);
    });
  } catch (cause) {
    throw awsFailure(`submit job for plan ${plan} to ${target.queue}`, cause);
  }
}

/** The name in `arn:aws:batch:eu-west-1:123456789012:job-definition/worker:7`, `worker:7` or `worker`. */
function withoutRevision(definition: string): string {
  return (definition.split('/').pop() ?? definition).replace(/:\d+$/, '');
}
