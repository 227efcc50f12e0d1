import type { Descriptor } from '../lib/model/descriptor';
import type { Branch } from './branch';
import { referrerView } from './graph';
import type { Session } from './session';

/**
 * Where a registry does not list referrers by itself, the client that pushes one keeps the index (distribution-spec v1.1,
 * "Pushing Manifests with Subject"). Asked of the destination first, because an earlier run may have stopped between the
 * manifest and the index. A manifest without a subject is no referrer: nothing happens.
 */
export async function listUnderSubject(
  branch: Branch,
  referrer: Descriptor,
  bytes: Uint8Array,
  session: Session,
): Promise<void> {
  const view = referrerView(referrer, bytes);
  if (view === undefined) return;
  const { subject, ...seen } = view;
  const there = (await branch.store.referrers?.(subject.digest, session.options())) ?? [];
  if (there.some(({ digest }) => digest === referrer.digest)) return;
  const { mediaType, digest } = referrer;
  await branch.store.addReferrer?.(
    subject.digest,
    { mediaType, digest, size: bytes.byteLength, ...seen },
    session.options(),
  );
}
