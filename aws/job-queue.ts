import { type BatchClient, DescribeComputeEnvironmentsCommand, DescribeJobQueuesCommand } from '@aws-sdk/client-batch';
import { awsFailure } from './errors';

/** A job queue of AWS Batch or a compute environment of one, as far as jobs can run in it. */
export interface JobPlace {
  readonly name: string;
  readonly kind: 'job queue' | 'compute environment';
  readonly enabled: boolean;
  /** `VALID`, `INVALID`, `CREATING`, … */
  readonly status: string;
  /** What AWS Batch says about its status. */
  readonly reason?: string;
}

/** The queue and the compute environments that it uses. @throws EngineError */
export async function describeQueue(client: BatchClient, queue: string): Promise<readonly JobPlace[]> {
  try {
    const { jobQueues = [] } = await client.send(new DescribeJobQueuesCommand({ jobQueues: [queue] }));
    const used = jobQueues.flatMap(({ computeEnvironmentOrder = [] }) =>
      computeEnvironmentOrder.flatMap(({ computeEnvironment }) => computeEnvironment ?? []),
    );
    const { computeEnvironments = [] } =
      used.length === 0 ? {} : await client.send(new DescribeComputeEnvironmentsCommand({ computeEnvironments: used }));
    return [
      ...jobQueues.map((one) => placeOf('job queue', one.jobQueueName, one)),
      ...computeEnvironments.map((one) => placeOf('compute environment', one.computeEnvironmentName, one)),
    ];
  } catch (cause) {
    const remedy = 'batch:DescribeJobQueues and batch:DescribeComputeEnvironments for you would do';
    throw awsFailure(`job queue ${queue}`, cause, remedy);
  }
}

interface Described {
  readonly state?: string;
  readonly status?: string;
  readonly statusReason?: string;
}

function placeOf(kind: JobPlace['kind'], name = '', { state, status = '', statusReason }: Described): JobPlace {
  return { name, kind, enabled: state === 'ENABLED', status, ...(statusReason ? { reason: statusReason } : {}) };
}
