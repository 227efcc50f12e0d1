import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { EcrMirrorProps } from '../../lib/index';
import { METRIC_UNITS } from '../../lib/model/metrics';
import { allowedTo, CONTROLLER_ROLE, only, resourcesOf, settingsOf, synthesize, WORKER_ROLE } from './stack';

const ALARM = 'AWS::CloudWatch::Alarm';

describe('metrics', () => {
  it('are none by default, which is said to who asks for one', () => {
    const { mirror, template } = synthesize();
    expect(settingsOf(template())).not.toHaveProperty('metrics');
    expect(() => mirror.metricCopied()).toThrow(
      'metricCopied: got it without metrics; metrics: true in the mirror would do',
    );
  });

  it('are of the whole mirror: controller and workers are told its name', () => {
    expect(settingsOf(synthesize({ metrics: true }).template()).metrics).toBe('Test/Mirror');
  });

  it('are there for all that is said', () => {
    const { mirror, stack } = synthesize({ metrics: true });
    const all = [
      mirror.metricChecked(),
      mirror.metricCopied(),
      mirror.metricFailed(),
      mirror.metricConflicts(),
      mirror.metricQuarantined(),
      mirror.metricBytes(),
      mirror.metricOldestSuccess({ period: Duration.hours(6) }),
      mirror.metricOverdue(),
    ];
    expect(all.map(({ metricName }) => metricName)).toEqual(Object.keys(METRIC_UNITS));
    expect(all.map(({ statistic }) => statistic)).toEqual([
      'Sum',
      'Sum',
      'Sum',
      'Maximum',
      'Maximum',
      'Sum',
      'Maximum',
      'Maximum',
    ]);
    expect(all.map((metric) => stack.resolve(metric.dimensions))).toEqual(
      all.map(() => ({ Deployment: 'Test/Mirror' })),
    );
    expect(all.at(-2)?.period.toHours()).toBe(6);
  });
});

describe('alarms', () => {
  it('go to the topic, for all that may go wrong and without metrics of our own', () => {
    const { mirror, stack, template } = synthesize();
    const topic = new Topic(stack, 'Topic');
    expect(mirror.addAlarms(topic)).toHaveLength(5);
    const made = template();
    made.allResourcesProperties(ALARM, { AlarmActions: [stack.resolve(topic.topicArn)] });
    made.resourcePropertiesCountIs(ALARM, { Namespace: 'AWS/Events', MetricName: 'Invocations', Threshold: 0 }, 2);
    made.hasResourceProperties(ALARM, {
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [{ Value: { Ref: Match.stringLikeRegexp('^MirrorControllerHandler') } }],
    });
    made.hasResourceProperties(ALARM, { Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible' });
  });

  it('know blocked queues and failed jobs by their rules', () => {
    const { mirror, stack, template } = synthesize();
    mirror.addAlarms(new Topic(stack, 'Topic'));
    for (const rule of ['FailedJob', 'BlockedQueue']) {
      template().hasResourceProperties(ALARM, {
        Dimensions: [{ Name: 'RuleName', Value: { Ref: Match.stringLikeRegexp(`^MirrorController${rule}`) } }],
      });
    }
  });

  it('count copies, and know stale mirrors, where there are metrics', () => {
    const { mirror, stack, template } = synthesize({ metrics: true });
    expect(mirror.addAlarms(new Topic(stack, 'Topic'), { staleAfter: Duration.hours(8) })).toHaveLength(9);
    template().hasResourceProperties(ALARM, { Namespace: 'EcrMirror', MetricName: 'Failed', Statistic: 'Sum' });
    template().hasResourceProperties(ALARM, {
      MetricName: 'OldestSuccess',
      Threshold: 28800,
      TreatMissingData: 'ignore',
    });
  });

  it.each(['Overdue', 'Conflicts', 'Quarantined'])(
    'know of %s, and keep to what they know between runs',
    (MetricName) => {
      const { mirror, stack, template } = synthesize({ metrics: true });
      mirror.addAlarms(new Topic(stack, 'Topic'));
      template().hasResourceProperties(ALARM, {
        MetricName,
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'ignore',
      });
    },
  );

  it('know a controller that nobody calls: for three hours, or as long as is said', () => {
    const silent = (props: EcrMirrorProps, silentAfter?: Duration) => {
      const { mirror, stack, template } = synthesize(props);
      mirror.addAlarms(new Topic(stack, 'Topic'), silentAfter === undefined ? {} : { silentAfter });
      return Object.values(
        template().findResources(ALARM, { Properties: { MetricName: 'Invocations', Namespace: 'AWS/Lambda' } }),
      );
    };
    const [usual] = silent({});
    expect(usual?.Properties).toMatchObject({
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 3,
      Period: 3600,
      TreatMissingData: 'breaching',
    });
    const weekly = { schedule: ScheduleExpression.rate(Duration.days(1)) };
    expect(silent(weekly)).toEqual([]);
    expect(silent({ scheduleEnabled: false })).toEqual([]);
    expect(silent(weekly, Duration.days(2))[0]?.Properties.EvaluationPeriods).toBe(48);
    for (const wrong of [Duration.minutes(90), Duration.minutes(30), Duration.days(8)]) {
      expect(() => silent({}, wrong)).toThrow('whole hours, from 1 to 168, would do');
    }
  });

  it('cannot know stale mirrors without', () => {
    const { mirror, stack } = synthesize();
    expect(() => mirror.addAlarms(new Topic(stack, 'Topic'), { staleAfter: Duration.hours(8) })).toThrow(
      'staleAfter: got it without metrics',
    );
  });
});

describe('the dashboard', () => {
  it('is there for who asks for it', () => {
    synthesize({ metrics: true }).template().resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });

  it('shows the metrics there are', () => {
    const { mirror, template } = synthesize({ metrics: true });
    mirror.addDashboard({ dashboardName: 'mirror' });
    const dashboard = only(template(), 'AWS::CloudWatch::Dashboard');
    expect(dashboard.DashboardName).toBe('mirror');
    const body = JSON.stringify(dashboard.DashboardBody);
    for (const name of Object.keys(METRIC_UNITS)) expect(body).toContain(`\\"${name}\\"`);
  });

  it('does without them', () => {
    const { mirror, template } = synthesize();
    mirror.addDashboard();
    const body = JSON.stringify(only(template(), 'AWS::CloudWatch::Dashboard').DashboardBody);
    expect(body).toContain('Blocked queue');
    expect(body).not.toContain('OldestSuccess');
  });
});

it('puts events on the bus that it is given, in its own name', () => {
  const { template } = synthesize((stack) => ({
    eventBus: EventBus.fromEventBusName(stack, 'Bus', 'default'),
  }));
  const made = template();
  const bus = 'arn:aws:events:eu-west-1:123456789012:event-bus/default';
  expect(settingsOf(made).eventBus).toBe(bus);
  for (const role of [WORKER_ROLE, CONTROLLER_ROLE]) {
    expect(resourcesOf(allowedTo(made, role), 'events:PutEvents')).toEqual([bus]);
    made.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp(`^${role}`) }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'events:PutEvents',
            Condition: {
              'ForAllValues:StringEquals': { 'events:source': 'ecr-mirror' },
              Null: { 'events:source': 'false' },
            },
          }),
        ]),
      },
    });
  }
});

it('says what a person needs next', () => {
  const outputs = Object.values(synthesize().template().findOutputs('*')).map(({ Description }) => Description);
  expect(outputs).toEqual(
    expect.arrayContaining([
      'Where mirrored images are found, under their prefix',
      'Adds a row; with a source of your own',
      'Where the log of the controller is',
      'Where the logs of the workers are',
    ]),
  );
});
