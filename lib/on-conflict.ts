/** What becomes of an image whose tag is immutable at the destination and holds another. */
export enum OnConflict {
  /** It is reported: as a state, an event and a figure. */
  REPORT = 'report',

  /** It is mirrored beside, under its tag and the first digits of its digest: `1.27-0123456789ab`. A tag that may move moves. */
  SUFFIX = 'suffix',
}
