import { Token } from 'aws-cdk-lib';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { VerificationSetting } from './model/settings';
import { PropsInvalid } from './props-invalid';

/** When and how it is verified that what was mirrored is whole. */
export interface VerificationProps {
  /**
   * When destinations are verified.
   *
   * @default - every day at 03:00 UTC
   */
  readonly schedule?: ScheduleExpression;

  /**
   * Whether what is lacking is sent again.
   *
   * @default true
   */
  readonly repair?: boolean;

  /**
   * How many destinations are verified each time at most: those whose proof is oldest come first, so that a bigger mirror is
   * verified in several nights.
   *
   * @default 10000
   */
  readonly atMost?: number;
}

/** What the controller and the worker are told. */
export function verificationSetting({ repair, atMost }: VerificationProps): VerificationSetting {
  return { ...(repair === undefined ? {} : { repair }), ...(atMost === undefined ? {} : { atMost }) };
}

/** At night where most of this is deployed. @throws Error naming the prop, what was got and what would do */
export function verificationSchedule({ schedule, atMost }: VerificationProps): ScheduleExpression {
  if (atMost !== undefined && !Token.isUnresolved(atMost) && !(Number.isSafeInteger(atMost) && atMost > 0)) {
    throw new PropsInvalid(`verification atMost: got ${atMost}; a number of destinations, 1 or more, would do`);
  }
  return schedule ?? ScheduleExpression.cron({ minute: '0', hour: '3' });
}
