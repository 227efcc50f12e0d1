import type { Descriptor } from '../../lib/model/descriptor';
import { MediaType } from '../../lib/model/descriptor';
import { isDigest } from '../../lib/model/digest';
import { show } from '../../lib/model/invalid';
import type { Answer } from './answer';

/** An index of referrers as it came: whatever else it holds is kept. */
export interface ReferrersIndex {
  readonly manifests?: unknown;
}

/** A registry without the API may show a web page; one that says it is a list, or packs it, has the API. */
export function isBrokenList({ status, headers }: Answer): boolean {
  return status === 200 && (headers['content-type']?.startsWith(MediaType.OCI_INDEX) === true || isEncoded(headers));
}

function isEncoded({ 'content-encoding': encoding }: Answer['headers']): boolean {
  return encoding !== undefined && encoding !== 'identity';
}

export function encodingOf({ headers }: Answer): string {
  return isEncoded(headers) ? `, encoded (${show(headers['content-encoding'])}) although that was not wanted` : '';
}

export function lists({ manifests }: ReferrersIndex, referrer: Descriptor): boolean {
  return Array.isArray(manifests) && manifests.some((one) => isDescriptor(one) && one.digest === referrer.digest);
}

/** Only what has the form of a descriptor; undefined when it is no index at all. */
export function manifestsIn(bytes: Uint8Array): Descriptor[] | undefined {
  const index = indexIn(bytes);
  if (index === undefined) return undefined;
  return Array.isArray(index.manifests) ? index.manifests.filter(isDescriptor) : [];
}

export function indexIn(bytes: Uint8Array): ReferrersIndex | undefined {
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const isIndex = typeof value === 'object' && value !== null && 'manifests' in value;
    return isIndex && (value.manifests === null || Array.isArray(value.manifests)) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** An image may have a tag like that, and says nothing about referrers then. */
export function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(bytes).toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

function isDescriptor(value: unknown): value is Descriptor {
  const { mediaType, digest, size } = (value ?? {}) as Partial<Descriptor>;
  return typeof mediaType === 'string' && isDigest(digest) && Number.isSafeInteger(size) && (size as number) >= 0;
}
