import type { RowCode } from '../error-code';
import type { ErrorEntry } from './entry';

export const ROW_ERRORS: Readonly<Record<RowCode, ErrorEntry>> = {
  ROW_INVALID: {
    meaning: 'A row cannot be understood. Other rows go on.',
    look: '`ecr-mirror list` shows each attribute that is wrong, what was got and what would do.',
    remedy: 'Correct the row: in the table, or where it is declared.',
    asks: ['usage'],
  },
  NOT_ALLOWED: {
    meaning: 'The row asks for a source or destination that rows may not ask for.',
    look: 'What may be asked for: `allowedSources` and `allowedDestinations` of the construct, `allow` of a file.',
    remedy: 'Correct the row, or allow the place there. A row cannot allow itself anything.',
    asks: ['denied', 'usage'],
  },
  DESTINATION_CONTESTED: {
    meaning: 'Two rows would write the same tag of the same repository. Both are left alone.',
    look: 'The message of each names the other.',
    remedy: 'Give one of them another destination or another tag (`{tag}-suffix`), or remove it.',
    asks: ['usage'],
  },
  NOTHING_SELECTED: {
    meaning: 'No tag of the source, or fewer than `Min`, is selected by the row.',
    look: '`ecr-mirror tags` with the row explains what each stage keeps and drops.',
    remedy: 'Widen the selection, or lower `Min`.',
    asks: ['usage'],
  },
  SELECTION_TOO_LARGE: {
    meaning: 'The row selects more tags than one row may have copies.',
    look: '`ecr-mirror tags` counts them.',
    remedy: 'Narrow it: `Latest`, or a narrower `Include`.',
    sides: ['source'],
    asks: ['usage'],
  },
  TOO_YOUNG: {
    meaning: 'What the source has is not known for as long as `MinAge` asks for. The copy waits; nothing is wrong.',
    look: 'The message says since when it is known and until when it waits.',
    remedy: 'Wait; or, for a fix that is urgent, lower `MinAge` in the row for this once.',
    asks: [],
  },
  KEPT_TAG_TAKEN: {
    meaning:
      'What the tag held should be kept under a tag of its own (`KeepPrevious`), and each name for it holds another image.',
    look: 'The message names the tags.',
    remedy: 'Free one of them. Until then the tag does not move.',
    sides: ['destination'],
    asks: ['denied'],
  },
  IMAGE_REMOVED: {
    meaning: 'The image was mirrored and removed at the destination several times: it is not put back any more.',
    look: 'The message names the lifecycle rule that takes it, or says that none does.',
    remedy:
      'Change that rule, or the row. It is mirrored again when image or policy change, or after the time that the message names.',
    sides: ['destination'],
    asks: [],
  },
  NEVER_MIRRORED: {
    meaning: 'A row wants a copy that no run has looked at yet.',
    look: '`ecr-mirror status` says when the last run was.',
    remedy:
      '`ecr-mirror run` with the row looks at it now. When there are runs and they leave it out, see its `Every`.',
    asks: [],
  },
  NOT_LOOKED_AT: {
    meaning: 'A copy was due to be looked at, and was not, for longer than it may.',
    look: 'Does the controller run (`ecr-mirror status`, last line), and does it come through all rows? Its log says.',
    remedy:
      'As for a controller that is silent or fails; a run that hands on again and again has too little time for its rows.',
    asks: [],
  },
  STALE: {
    meaning: 'The destination has not been what its source is for longer than it may.',
    look: 'The state and error of the same copy: it waits in the queue, or a job works on it, or it is put off.',
    remedy: 'What that error asks for. Without one: see the jobs in AWS Batch, and whether their queue is blocked.',
    asks: [],
  },
};
