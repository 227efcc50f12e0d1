import type { ContentCode } from '../error-code';
import { BOTH, type ErrorEntry } from './entry';

export const CONTENT_ERRORS: Readonly<Record<ContentCode, ErrorEntry>> = {
  CONTENT_MISMATCH: {
    meaning: 'Bytes are not what their digest and size say. Nothing of them was kept.',
    look: 'Does it happen again, and with another network? A proxy that rewrites answers is the usual reason, a damaged registry the other.',
    remedy: 'The next run tries again. When it fails at the same digest each time, push the image to its source anew.',
    sides: BOTH,
    asks: ['unavailable'],
  },
  CONTENT_MISSING: {
    meaning:
      'The destination does not have what a manifest names although it was told to be there, or has cleaned it up meanwhile.',
    look: '`ecr-mirror verify` says what is lacking.',
    remedy: 'The next run sends it. When it goes away again, look for what deletes at the destination.',
    sides: ['destination'],
    asks: ['unavailable'],
  },
  CONTENT_LACKING: {
    meaning:
      'Verification found that something of a mirrored image is not at its destination: a tag, platform, layer or signature.',
    look: 'The lines before name each. A lifecycle rule or a clean-up of the registry is the usual reason.',
    remedy:
      '`ecr-mirror verify --repair` sends it again; a deployed mirror does so by itself where `verification` may repair.',
    sides: ['destination'],
    asks: ['usage', 'denied', 'unavailable', 'internal'],
  },
  MANIFEST_UNSUPPORTED: {
    meaning: 'What is at the source is no manifest of OCI or Docker (schema 2) that could be copied faithfully.',
    look: 'The message names the digest and what is odd about it.',
    remedy: 'Push the image again with a current client, or take another tag.',
    sides: BOTH,
    asks: ['usage'],
  },
  DIGEST_UNSUPPORTED: {
    meaning: 'The destination does not take digests of that algorithm.',
    look: 'Amazon ECR documents sha256 alone, and most registries take no other.',
    remedy: 'Build the image with sha256 digests, or mirror it to a registry that takes others.',
    sides: ['destination'],
    asks: ['usage'],
  },
  PLATFORM_MISSING: {
    meaning: 'The row asks for platforms that the image does not have, or its platforms cannot be told.',
    look: 'The message lists those that are there.',
    remedy: 'Ask for those in `Platforms`, or leave it out: everything is then copied, bit for bit.',
    sides: ['source'],
    asks: ['usage'],
  },
  TOO_LARGE: {
    meaning: 'Something is beyond a ceiling that protects the mirror: a manifest, list, answer or nesting.',
    look: 'The message has the ceiling.',
    remedy:
      'Of tags and referrers: remove what nobody needs at the source. Of an answer: see whether it is a registry that answers.',
    sides: BOTH,
    asks: ['usage'],
  },
  UNSIGNED: {
    meaning:
      'The row asks for a signature, and none that counts was found. Nothing was sent; the copy is in quarantine.',
    look: 'The message lists the signatures that were found and why each does not count. `cosign verify` says the same.',
    remedy:
      'Sign the digest, or correct key, identity or issuer in `RequireSignature`. It is asked again after an hour, then ever less often; a change of the row asks at once.',
    sides: ['source'],
    asks: ['denied'],
  },
  REFERRERS_CONTENDED: {
    meaning: 'The index of what refers to an image was replaced by another writer again and again.',
    look: 'Who else signs or mirrors to that repository at this moment?',
    remedy: 'The next run adds what is missing. A registry with the referrers API has no such index.',
    sides: ['destination'],
    asks: ['unavailable'],
  },
  LAYOUT_INVALID: {
    meaning: 'A folder or tar file is no OCI image layout, or holds other files.',
    look: 'A layout has `oci-layout`, `index.json` and `blobs/`. `ecr-mirror contents` lists what one holds.',
    remedy: 'Name the folder that has these, or an empty one to write to.',
    sides: BOTH,
    asks: ['usage'],
  },
  STORAGE_FAILED: {
    meaning: 'A file of an image layout or archive could not be read or written.',
    look: 'The message has what the operating system said: permissions, space, or a damaged tar file.',
    remedy: 'Free space, or give this user the right to the folder, and run it again.',
    sides: BOTH,
    asks: ['usage', 'denied', 'unavailable'],
  },
};
