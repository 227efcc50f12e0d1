import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { MetricName } from './model/metrics';
import { called, HOUR, ownMetric, type Watched } from './operations';
import { PropsInvalid } from './props-invalid';

/** What alarms go by. */
export interface MirrorAlarmsProps {
  /**
   * How long a mirror may not be what its source is. Needs `metrics`.
   *
   * @default - a day, where there are metrics
   */
  readonly staleAfter?: Duration;

  /**
   * How long the controller may not have been called at all: whole hours, up to a week. Calls for pushes and changed rows count too.
   *
   * @default - three hours, where the schedule is the default one; else none
   */
  readonly silentAfter?: Duration;
}

export function makeAlarms(scope: Construct, watched: Watched, topic: ITopic, props: MirrorAlarmsProps): Alarm[] {
  const { controller, deployment } = watched;
  const errors = controller.handler.metricErrors({ period: HOUR });
  const letters = controller.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5) });
  const wanted: readonly [id: string, what: string, metric: IMetric][] = [
    ['FailedCopies', 'Images could not be mirrored: ecr-mirror status says which and why', failures(watched)],
    ['ControllerErrors', 'The controller of the mirror failed: its log says why', errors],
    ['DeadLetters', 'Events of the mirror could not be handled: the queue of dead letters has them', letters],
    ['StuckJobs', 'Jobs of the mirror cannot start: their copies say why', called(controller.blockedQueue)],
  ];
  const alarms = [
    ...wanted.map(([id, alarmDescription, metric]) => alarm(scope, id, { alarmDescription, metric, above: 0 })),
    ...silenceAlarm(scope, watched, props),
    ...(deployment === undefined ? [] : objectiveAlarms(scope, deployment, props)),
  ];
  for (const one of alarms) one.addAlarmAction(new SnsAction(topic));
  return alarms;
}

/** Has a section for each alarm, under its id. */
const OPERATING = 'https://github.com/ecr-mirror/cdk-ecr-mirror/blob/main/docs/operating.md';

/** What an alarm tells whoever is woken by it. */
function described(id: string, what: string): string {
  return `${what}. What to do: ${OPERATING}#${id.toLowerCase()}`;
}

/** A week: more than that CloudWatch does not look back. */
const LONGEST_SILENCE = 168;
const USUAL_SILENCE = Duration.hours(3);

function silenceAlarm(scope: Construct, { controller, hourly }: Watched, { silentAfter }: MirrorAlarmsProps): Alarm[] {
  const allowed = silentAfter ?? (hourly ? USUAL_SILENCE : undefined);
  if (allowed === undefined) return [];
  const hours = allowed.toHours({ integral: false });
  if (!Number.isInteger(hours) || hours < 1 || hours > LONGEST_SILENCE) {
    throw new PropsInvalid(
      `silentAfter: got ${allowed.toHumanString()}; whole hours, from 1 to ${LONGEST_SILENCE}, would do`,
    );
  }
  const silent = new Alarm(scope, 'SilentController', {
    metric: controller.handler.metricInvocations({ period: HOUR }),
    alarmDescription: described(
      'SilentController',
      'The controller of the mirror is not called any more: its schedule, or what starts it, is gone',
    ),
    threshold: 1,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: hours,
    treatMissingData: TreatMissingData.BREACHING,
  });
  return [silent];
}

/** What runs say of all that they saw: of an hour without a run nothing is known. */
function objectiveAlarms(scope: Construct, deployment: string, { staleAfter }: MirrorAlarmsProps): Alarm[] {
  const stale = (staleAfter ?? Duration.days(1)).toSeconds();
  const wanted: readonly [id: string, name: MetricName, above: number, what: string][] = [
    ['StaleMirrors', MetricName.OLDEST_SUCCESS, stale, 'A mirror is not what its source is, for too long'],
    [
      'OverdueMirrors',
      MetricName.OVERDUE,
      0,
      'Mirrors are not what their sources are, for longer than their rows allow',
    ],
    ['Conflicts', MetricName.CONFLICTS, 0, 'Immutable tags hold other images than their sources'],
    ['Quarantined', MetricName.QUARANTINED, 0, 'Images were refused for want of a signature'],
  ];
  return wanted.map(([id, name, above, what]) =>
    alarm(scope, id, {
      metric: ownMetric(name, deployment),
      alarmDescription: `${what}: ecr-mirror status says which, and so does the table of copies`,
      above,
      missing: TreatMissingData.IGNORE,
    }),
  );
}

/** Copies, rows and images where they are counted; else jobs. Without a label, which would make an expression of it. */
function failures({ controller, deployment }: Watched): Metric {
  return deployment === undefined ? called(controller.failedJob) : ownMetric(MetricName.FAILED, deployment);
}

interface Alarming {
  readonly metric: IMetric;
  readonly alarmDescription: string;
  readonly above: number;
  readonly missing?: TreatMissingData;
}

function alarm(scope: Construct, id: string, { metric, alarmDescription, above, missing }: Alarming): Alarm {
  return new Alarm(scope, id, {
    metric,
    alarmDescription: described(id, alarmDescription),
    threshold: above,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
  });
}
