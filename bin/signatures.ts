import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidValue, show } from '../lib/model/invalid';
import { readSignatureRequirement, type SignatureRequirement } from '../lib/model/signature-requirement';
import { signatureVerifier, type TrustedRootText } from '../signatures/verifier';
import type { FlagValues } from './arguments';
import type { Io } from './io';
import type { Settings } from './settings';
import { UsageError } from './usage';

/** Who must have signed, as `copy` is told by flags. @throws UsageError */
export function requirementOf(flags: FlagValues, io: Io): SignatureRequirement | undefined {
  const { 'require-key': file, 'require-identity': identity, 'require-issuer': issuer } = flags;
  if (file === undefined && identity === undefined && issuer === undefined) return undefined;
  if (file !== undefined && (identity !== undefined || issuer !== undefined)) {
    throw new UsageError('--require-key: got an identity as well; one of the two would do');
  }
  if (file !== undefined)
    return attempt('key', '--require-key', { key: readFlagFile('--require-key', String(file), io) });
  if (issuer === undefined) {
    const would = '--require-issuer https://token.actions.githubusercontent.com, or whoever vouches for it, would do';
    throw new UsageError(`--require-identity: got no issuer; ${would}`);
  }
  if (identity === undefined) {
    throw new UsageError('--require-issuer: got no identity; --require-identity SUBJECT would do');
  }
  return attempt('identity', '--require-identity', { identity, issuer });
}

function attempt(attribute: string, flag: string, written: object): SignatureRequirement {
  try {
    return readSignatureRequirement(written);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    const named = error.message.startsWith('issuer: ') ? '--require-issuer: ' : `${flag}: `;
    throw new UsageError(`${named}${error.message.replace(new RegExp(`^(?:${attribute}|issuer): `), '')}`);
  }
}

export function trustedRootOf(flags: FlagValues, io: Io): TrustedRootText | undefined {
  const file = flags['trusted-root'];
  if (typeof file !== 'string') return undefined;
  return { what: `--trusted-root ${show(file)}`, text: readFlagFile('--trusted-root', file, io) };
}

/** Verifies signatures. A trusted root is read at once, so that a wrong one is told before anything is done. @throws UsageError */
export async function openVerifier({ trustedRoot }: Pick<Settings, 'trustedRoot'>) {
  if (trustedRoot !== undefined) {
    const { readTrust } = await import('../signatures/trust');
    try {
      readTrust(trustedRoot.text, trustedRoot.what);
    } catch (error) {
      throw error instanceof InvalidValue ? new UsageError(error.message) : error;
    }
  }
  return signatureVerifier(trustedRoot);
}

function readFlagFile(flag: string, file: string, io: Io): string {
  try {
    return readFileSync(resolve(io.cwd, file), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${flag}: read ${show(file)}: got ${code}; a file that can be read would do`, 'FILE_FAILED');
  }
}
