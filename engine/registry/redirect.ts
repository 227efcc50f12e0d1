import { Refused } from '../errors';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Where an answer sends to, or undefined when it does not. @throws Refused when it leads from https to anything less */
export function redirectTarget(
  from: URL,
  answer: { readonly status: number; readonly headers: { readonly location?: string } },
): URL | undefined {
  const { location } = answer.headers;
  if (!REDIRECTS.has(answer.status) || location === undefined || !URL.canParse(location, from.href)) return undefined;
  return safely(from, new URL(location, from));
}

/**
 * Where a registry wants an upload (distribution-spec v1.1, "Pushing a blob monolithically"). Absolute or relative, as the
 * specification has it; some registries leave the scheme out, and some behind a proxy believe they are spoken to in http.
 */
export function uploadTarget(from: URL, location: string): URL | undefined {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(location) || !beginsWithHost(location) ? location : `//${location}`;
  if (!URL.canParse(text, from.href)) return undefined;
  const target = new URL(text, from);
  if (from.protocol === 'https:' && target.protocol === 'http:' && target.hostname === from.hostname) {
    target.protocol = 'https:';
    if (target.port === '80' || target.port === '') target.port = from.port;
  }
  return safely(from, target);
}

/** The digest is added to what is there, and what is there stays as it was written: it may be signed. */
export function withDigest(target: URL, digest: string): URL {
  const url = new URL(target);
  url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`;
  return url;
}

function beginsWithHost(location: string): boolean {
  const first = location.split(/[/?#]/, 1)[0] ?? '';
  return first === 'localhost' || /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?$|^[a-z0-9.-]+:[0-9]+$/i.test(first);
}

function safely(from: URL, target: URL): URL {
  if (from.protocol === 'https:' && target.protocol !== 'https:') {
    throw new Refused(
      'REDIRECT_REFUSED',
      `${from.host} passes on to ${target.protocol}//${target.host}: from https only https is followed`,
    );
  }
  target.username = '';
  target.password = '';
  target.hash = '';
  return target;
}
