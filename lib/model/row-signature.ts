import { attempt, type RowReader } from './row-reader';
import { readSignatureRequirement, type SignatureRequirement } from './signature-requirement';

const ATTRIBUTE = 'RequireSignature';

/** Attribute `RequireSignature` of a row: a map. Undefined when absent or wrong, after saying so. */
export function readRequireSignature(reader: RowReader): SignatureRequirement | undefined {
  const value = reader.get(ATTRIBUTE);
  if (value === undefined) return undefined;
  return attempt(reader, ATTRIBUTE, () => readSignatureRequirement(value, reader.spelling));
}
