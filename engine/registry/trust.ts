import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';

/** TLS options by which the system's certificate authorities, Node's extra ones and those given are trusted. */
export function trustedAuthorities(ca: string | undefined): { readonly ca?: string[] } {
  return ca === undefined ? {} : { ca: [...systemAuthorities(), ca] };
}

/** Naming authorities replaces Node's own list, so it is repeated; Node 20 cannot be asked for all of it. */
function systemAuthorities(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates !== undefined) return getCACertificates('default');
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  return extra === undefined || extra === '' ? tls.rootCertificates : [...tls.rootCertificates, ...readIfThere(extra)];
}

/** Node, too, goes on without a file that is not there. */
function readIfThere(path: string): string[] {
  try {
    return [readFileSync(path, 'utf8')];
  } catch {
    return [];
  }
}
