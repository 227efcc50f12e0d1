import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Metric,
  type MetricOptions,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IRule } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import type { Controller } from './controller';
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRIC_UNITS, MetricName } from './model/metrics';
import { PropsInvalid } from './props-invalid';

/** What the dashboard is called. */
export interface MirrorDashboardProps {
  /**
   * Name of the dashboard, as CloudWatch lists it.
   *
   * @default - one that CloudFormation makes up
   */
  readonly dashboardName?: string;
}

/** What there is to watch. */
export interface Watched {
  readonly controller: Controller;
  /** What the deployment is called in its metrics; undefined when it has none. */
  readonly deployment?: string;
  /** Whether it is called every hour. */
  readonly hourly: boolean;
}

export const HOUR = Duration.hours(1);

/** How a metric is summed up where nothing else is said. */
const STATISTICS: Readonly<Record<MetricName, string>> = {
  Checked: Stats.SUM,
  Copied: Stats.SUM,
  Failed: Stats.SUM,
  Conflicts: Stats.MAXIMUM,
  Quarantined: Stats.MAXIMUM,
  Bytes: Stats.SUM,
  OldestSuccess: Stats.MAXIMUM,
  Overdue: Stats.MAXIMUM,
};

/** A metric of the mirror itself. @throws Error when it was made without them */
export function mirrorMetric({ deployment }: Watched, name: MetricName, props?: MetricOptions): Metric {
  if (deployment === undefined) {
    throw new PropsInvalid(`metric${name}: got it without metrics; metrics: true in the mirror would do`);
  }
  return ownMetric(name, deployment, props);
}

/** A metric of a deployment, by its name. */
export function ownMetric(name: MetricName, deployment: string, props?: MetricOptions): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: name,
    dimensionsMap: { [METRIC_DIMENSION]: deployment },
    statistic: STATISTICS[name],
    period: HOUR,
    ...props,
  });
}

/** How often a rule called its target: EventBridge counts that by itself. */
export function called(rule: IRule): Metric {
  return new Metric({
    namespace: 'AWS/Events',
    metricName: 'Invocations',
    dimensionsMap: { RuleName: rule.ruleName },
    statistic: Stats.SUM,
    period: HOUR,
  });
}

export function makeDashboard(scope: Construct, id: string, watched: Watched, props: MirrorDashboardProps): Dashboard {
  const { controller } = watched;
  const rest = [
    graph('Jobs', [
      called(controller.failedJob).with({ label: 'Failed jobs' }),
      called(controller.blockedQueue).with({ label: 'Blocked queue' }),
    ]),
    graph('Controller', [
      controller.handler.metricInvocations({ period: HOUR }),
      controller.handler.metricErrors({ period: HOUR }),
    ]),
    graph('Controller, time', [controller.handler.metricDuration({ period: HOUR, statistic: Stats.MAXIMUM })]),
    graph('Dead letters', [controller.deadLetters.metricApproximateNumberOfMessagesVisible()]),
  ];
  return new Dashboard(scope, id, { dashboardName: props.dashboardName, widgets: [own(watched), rest] });
}

/** First how old, then what stands in the way, then what was done. */
function own({ deployment }: Watched): IWidget[] {
  if (deployment === undefined) return [];
  const of = (...names: MetricName[]) => names.map((name) => ownMetric(name, deployment));
  return [
    graph('Oldest success', of(MetricName.OLDEST_SUCCESS), METRIC_UNITS[MetricName.OLDEST_SUCCESS]),
    graph('In the way', of(MetricName.FAILED, MetricName.CONFLICTS, MetricName.QUARANTINED, MetricName.OVERDUE)),
    graph('Copied', of(MetricName.COPIED, MetricName.CHECKED)),
    graph('Bytes', of(MetricName.BYTES)),
  ];
}

function graph(title: string, left: IMetric[], label?: string): GraphWidget {
  return new GraphWidget({ title, left, width: 6, leftYAxis: { min: 0, ...(label === undefined ? {} : { label }) } });
}
