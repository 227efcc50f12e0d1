import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Env } from '../../lib/model/names';
import { allowedTo, CONTROLLER_ROLE, only, resourcesOf, synthesize } from './stack';

describe('controller', () => {
  const template = synthesize().template();
  const handler: Record<string, object> = only(template, 'AWS::Lambda::Function', 'MirrorController');

  it('runs the bundled handler on Node 24, as long as Lambda allows', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout: 900,
      MemorySize: 512,
    });
  });

  it('knows its tables, queue, definition and settings, and nothing secret', () => {
    const { MIRRORS_TABLE, COPIES_TABLE, JOB_QUEUE, JOB_DEFINITION, SETTINGS_PARAMETER } = Env;
    const expected = [MIRRORS_TABLE, COPIES_TABLE, JOB_QUEUE, JOB_DEFINITION, SETTINGS_PARAMETER];
    expect(Object.keys((handler.Environment as { Variables: object }).Variables).sort()).toEqual(expected.sort());
  });

  it('may hand over to itself', () => {
    template.hasResourceProperties('AWS::Lambda::Function', { RecursiveLoop: 'Allow' });
    expect(resourcesOf(allowedTo(template, CONTROLLER_ROLE), 'lambda:InvokeFunction')).toEqual([
      expect.stringMatching(/^MirrorControllerHandler.*\.Arn$/),
    ]);
  });

  it('submits jobs of any revision of its definition to its own queue', () => {
    const resources = resourcesOf(allowedTo(template, CONTROLLER_ROLE), 'batch:SubmitJob');
    const definitions = resources.filter((arn) =>
      arn.startsWith('arn:aws:batch:eu-west-1:123456789012:job-definition/'),
    );
    expect(resources).toHaveLength(3);
    expect(resources).toContainEqual(expect.stringMatching(/^MirrorWorkerQueue.*\.JobQueueArn$/));
    expect(definitions).toHaveLength(2);
    expect(definitions).toContainEqual(expect.stringMatching(/:\*$/));
  });

  it('looks at all rows every hour', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 hour)',
      State: 'ENABLED',
    });
  });

  it('hears of every change of a row, and gives up on a bad record', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FilterCriteria: Match.absent(),
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 3,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    });
  });

  it('looks at what was pushed under a tag, outside of its own repositories', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.ecr'],
        'detail-type': ['ECR Image Action'],
        detail: {
          'action-type': ['PUSH'],
          result: ['SUCCESS'],
          'image-tag': [{ 'anything-but': [''] }],
          'repository-name': [{ 'anything-but': { prefix: 'mirror/' } }],
        },
      },
    });
  });

  it('looks at nothing that was pushed under any prefix of its own', () => {
    synthesize({ registryMappings: { 'quay.io': { prefix: 'red' } } })
      .template()
      .hasResourceProperties('AWS::Events::Rule', {
        EventPattern: { detail: { 'repository-name': [{ 'anything-but': { prefix: ['mirror/', 'red/'] } }] } },
      });
  });

  it('tries an event three times within an hour', () => {
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3600,
    });
  });

  it('hears of jobs of its queue that failed', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.batch'],
        'detail-type': ['Batch Job State Change'],
        detail: {
          status: ['FAILED'],
          jobQueue: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^MirrorWorkerQueue'), 'JobQueueArn'] }],
        },
      },
    });
  });

  it('hears when its queue is blocked', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['aws.batch'], 'detail-type': ['Batch Job Queue Blocked'] },
    });
  });

  it('loses no event: what cannot be handled or delivered is kept', () => {
    const queue = { 'Fn::GetAtt': [Match.stringLikeRegexp('^MirrorControllerDeadLetters'), 'Arn'] };
    template.hasResourceProperties('AWS::Lambda::Function', { DeadLetterConfig: { TargetArn: queue } });
    template.allResourcesProperties('AWS::Events::Rule', {
      Targets: [Match.objectLike({ DeadLetterConfig: { Arn: queue } })],
    });
    template.hasResourceProperties('AWS::Scheduler::Schedule', { Target: { DeadLetterConfig: { Arn: queue } } });
  });

  it('takes another schedule', () => {
    const schedule = ScheduleExpression.rate(Duration.minutes(10));
    synthesize({ schedule })
      .template()
      .hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(10 minutes)' });
  });

  it('does without a schedule', () => {
    synthesize({ scheduleEnabled: false }).template().resourceCountIs('AWS::Scheduler::Schedule', 0);
  });

  it('keeps logs a month, or as long as it is told', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    const other = synthesize({ logRetention: RetentionDays.ONE_WEEK, images: [{ source: 'nginx' }] }).template();
    other.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });
});
