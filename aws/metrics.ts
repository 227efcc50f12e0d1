import type { Clock } from '../engine/ports';
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRIC_UNITS, type MetricName } from '../lib/model/metrics';

/** Figures of one run or one job. */
export type Figures = Readonly<Partial<Record<MetricName, number>>>;

/** Says figures to whoever collects them. */
export type Metrics = (figures: Figures) => void;

/**
 * Figures as a line of the log, from which CloudWatch makes metrics (the embedded metric format): no further request, and no
 * permission for it.
 *
 * @param deployment the value of the one dimension
 */
export function emfMetrics(deployment: string, clock: Clock, write: (line: string) => void): Metrics {
  return (figures) => {
    const names = Object.keys(figures) as MetricName[];
    if (names.length === 0) return;
    const Metrics = names.map((Name) => ({ Name, Unit: METRIC_UNITS[Name] }));
    const described = { Namespace: METRIC_NAMESPACE, Dimensions: [[METRIC_DIMENSION]], Metrics };
    const _aws = { Timestamp: clock.now(), CloudWatchMetrics: [described] };
    write(JSON.stringify({ _aws, [METRIC_DIMENSION]: deployment, ...figures }));
  };
}
