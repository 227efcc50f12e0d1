import { resolve } from 'node:path';
import { LAYOUT_SCHEME, layoutRepository } from '../engine/layout';
import { type Digest, parseDigest } from '../lib/model/digest';
import { InvalidValue } from '../lib/model/invalid';
import { isTag, parseReference, type Reference, type Repository } from '../lib/model/reference';

export const ARCHIVE_SCHEME = 'oci-archive:';

/** Whether a repository stands for a folder or a tar file rather than for a registry's. */
export function isLocal({ registry }: Repository): boolean {
  return registry === LAYOUT_SCHEME || registry === ARCHIVE_SCHEME;
}

/**
 * What `copy` takes on either side: a registry reference, `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`. Paths are relative to
 * the folder given. No tag is added.
 *
 * @throws InvalidValue
 */
export function parseLocation(text: string, cwd: string): Reference {
  const scheme = [ARCHIVE_SCHEME, LAYOUT_SCHEME].find((candidate) => text.startsWith(candidate));
  return scheme === undefined ? parseReference(text) : parseLocal(text, scheme, cwd);
}

function parseLocal(text: string, scheme: string, cwd: string): Reference {
  const rest = text.slice(scheme.length);
  const at = rest.lastIndexOf('@sha');
  const digest: Digest | undefined = at < 0 ? undefined : parseDigest(rest.slice(at + 1));
  const named = at < 0 ? rest : rest.slice(0, at);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const path = hasTag ? named.slice(0, colon) : named;
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (path === '') throw new InvalidValue('reference', text, `${scheme}PATH or ${scheme}PATH:TAG would do`);
  if (tag !== undefined && !isTag(tag)) {
    throw new InvalidValue('reference', text, 'after : a tag of at most 128 letters, digits, dots, dashes would do');
  }
  return {
    repository: layoutRepository(resolve(cwd, path), scheme),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}
