import { invokeLater } from '../../aws/invoke-self';
import { submitJob } from '../../aws/jobs';
import type { Service } from '../../local/aws/endpoint';
import { AwsError } from '../../local/aws/error';
import type { AwsCall } from '../../local/aws/protocol';
import { type Stack, startStack } from './stack';

const REVISION = 'arn:aws:batch:eu-west-1:123456789012:job-definition/worker:7';
const submitted: AwsCall['input'][] = [];
const invoked: AwsCall[] = [];
let refuse: (definition: unknown) => string | undefined = () => undefined;
let stack: Stack;

const batch: Service = ({ input }) => {
  const refusal = refuse(input.jobDefinition);
  if (refusal !== undefined) throw new AwsError('ClientException', refusal);
  submitted.push(input);
  return { output: { jobId: `job-${submitted.length}`, jobName: input.jobName ?? '', jobArn: 'arn' } };
};

beforeAll(async () => {
  stack = await startStack({
    batch,
    lambda: (call) => {
      invoked.push(call);
      return { output: '', status: 202 };
    },
  });
});
afterAll(() => stack.close());
beforeEach(() => {
  submitted.length = 0;
  refuse = () => undefined;
});

const submit = (groups: number) =>
  submitJob(stack.clients.batch(), { queue: 'queue', definition: REVISION }, { plan: '20260101T000000Z-1.0', groups });

it('submits a plain job for one group: an array of one is refused by AWS Batch', async () => {
  expect(await submit(1)).toBe('job-1');
  expect(submitted).toEqual([
    {
      jobName: 'mirror-20260101T000000Z-1-0',
      jobQueue: 'queue',
      jobDefinition: REVISION,
      parameters: { plan: '20260101T000000Z-1.0', source: '-', dest: '-' },
    },
  ]);
});

it('submits an array with a child for each group', async () => {
  await submit(12);
  expect(submitted[0]).toMatchObject({ arrayProperties: { size: 12 } });
});

it('takes the newest revision when its own was deregistered', async () => {
  refuse = (definition) => (definition === REVISION ? 'JobDefinition, is not ACTIVE' : undefined);
  await submit(2);
  expect(submitted[0]).toMatchObject({ jobDefinition: 'worker' });
});

it('says what AWS Batch said', async () => {
  refuse = () => 'queue is disabled';
  await expect(submit(2)).rejects.toMatchObject({
    message: 'submit job for plan 20260101T000000Z-1.0 to queue: ClientException: queue is disabled',
    failure: 'usage',
  });
});

it('invokes a function and does not wait', async () => {
  await invokeLater(stack.clients.lambda(), 'controller', { continue: { hops: 1 } });
  expect(invoked[0]?.input).toEqual({ FunctionName: 'controller', Payload: { continue: { hops: 1 } } });
  expect(invoked[0]?.headers['x-amz-invocation-type']).toBe('Event');
});
