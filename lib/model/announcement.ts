/** Events that a mirror puts on a bus. */

/** Their `source`. */
export const EVENT_SOURCE = 'ecr-mirror';

/** Their `detail-type`. */
export const DetailType = {
  MIRRORED: 'Image Mirrored',
  /** The detail says why, and whether it is a `Conflict`. */
  FAILED: 'Mirror Failed',
} as const;
