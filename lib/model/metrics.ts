/** Metrics of a mirror: what controller and worker say of themselves, and what the construct charts. */

export const METRIC_NAMESPACE = 'EcrMirror';
/** The one dimension: which deployment. Never a row, because each value of a dimension is a metric that is paid for. */
export const METRIC_DIMENSION = 'Deployment';

export const MetricName = {
  /** Destinations that a run looked at. */
  CHECKED: 'Checked',
  /** Destinations that were brought up to date. */
  COPIED: 'Copied',
  /** Destinations, images and rows that could not be. */
  FAILED: 'Failed',
  /** Immutable tags that hold another image. */
  CONFLICTS: 'Conflicts',
  /** Images that were refused for want of a signature. */
  QUARANTINED: 'Quarantined',
  /** Bytes sent to destinations. */
  BYTES: 'Bytes',
  /** Seconds since the mirror that has waited longest was last what its source is; 0 when all are. */
  OLDEST_SUCCESS: 'OldestSuccess',
  /** Copies that have not been what their source is for longer than their row's `StaleAfter`. */
  OVERDUE: 'Overdue',
} as const;
export type MetricName = (typeof MetricName)[keyof typeof MetricName];

/** CloudWatch's units. */
export const METRIC_UNITS: Readonly<Record<MetricName, 'Count' | 'Bytes' | 'Seconds'>> = {
  Checked: 'Count',
  Copied: 'Count',
  Failed: 'Count',
  Conflicts: 'Count',
  Quarantined: 'Count',
  Bytes: 'Bytes',
  OldestSuccess: 'Seconds',
  Overdue: 'Count',
};
