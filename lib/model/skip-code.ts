import type { Skipped, SkipReason } from './copy';
import type { ErrorCode } from './error-code';

/** What is called the same whatever lies behind it. */
const CODES: Readonly<Partial<Record<SkipReason, ErrorCode>>> = {
  invalid: 'ROW_INVALID',
  'not-allowed': 'NOT_ALLOWED',
  contested: 'DESTINATION_CONTESTED',
  'nothing-selected': 'NOTHING_SELECTED',
  'too-young': 'TOO_YOUNG',
  'put-off': 'PULLS_EXHAUSTED',
  conflict: 'TAG_IMMUTABLE',
  quarantined: 'UNSIGNED',
};

/** The code of what stands in the way of something that is left alone; undefined when nothing does. */
export function codeOfSkipped({ reason, code }: Pick<Skipped, 'reason' | 'code'>): ErrorCode | undefined {
  return code ?? CODES[reason];
}
