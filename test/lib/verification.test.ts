import { Match } from 'aws-cdk-lib/assertions';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { parseSettings } from '../../lib/model/settings-document';
import { filled, only, synthesize } from './stack';

const SCHEDULE = 'AWS::Scheduler::Schedule';
const settingsOf = (props: Parameters<typeof synthesize>[0]) => {
  const { Value } = only(synthesize(props).template(), 'AWS::SSM::Parameter') as unknown as { Value: unknown };
  return parseSettings(filled(Value).replaceAll('"AWS::AccountId"', '"123456789012"'));
};

describe('verification', () => {
  it('is off unless it is asked for', () => {
    synthesize().template().resourceCountIs(SCHEDULE, 1);
    expect(settingsOf({})).not.toHaveProperty('verification');
  });

  it('calls the controller every night, and sends what is lacking again', () => {
    const template = synthesize({ verification: {} }).template();
    template.hasResourceProperties(SCHEDULE, {
      ScheduleExpression: 'cron(0 3 * * ? *)',
      Target: Match.objectLike({ Input: '{"verify":true}', DeadLetterConfig: Match.anyValue() }),
    });
    template.hasResourceProperties(SCHEDULE, { ScheduleExpression: 'rate(1 hour)' });
    expect(settingsOf({ verification: {} }).verification).toEqual({});
  });

  it('has a schedule of its own, without the other if need be', () => {
    const schedule = ScheduleExpression.cron({ weekDay: 'SUN', hour: '1', minute: '30' });
    const template = synthesize({ scheduleEnabled: false, verification: { schedule } }).template();
    template.resourceCountIs(SCHEDULE, 1);
    template.hasResourceProperties(SCHEDULE, { ScheduleExpression: 'cron(30 1 ? * SUN *)' });
  });

  it('tells controller and worker whether to repair, and how much to look at', () => {
    const verification = { repair: false, atMost: 500 };
    expect(settingsOf({ verification }).verification).toEqual(verification);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses atMost %s', (atMost) => {
    expect(() => synthesize({ verification: { atMost } }).template()).toThrow(
      /^verification atMost: got .*; a number of destinations, 1 or more, would do \[PROPS_INVALID\]$/,
    );
  });
});
