const LONGEST = 8192;
const LINK = /<([^<>]*)>((?:\s*;\s*[A-Za-z0-9!#$&+.^_`|~*-]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";,]+))?)*)/g;
const PARAM = /;\s*([^\s=;]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]+)))?/g;

/** The target of `rel=next` in a `Link` header (RFC 8288), as it is written there. */
export function nextLink(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(', ') : (header ?? '');
  for (const [, target, params] of text.slice(0, LONGEST).matchAll(LINK)) {
    // The first `rel` counts (RFC 8288, section 3.3); one inside the quotes of another parameter is none.
    const rel = [...(params ?? '').matchAll(PARAM)].find(([, name]) => name?.toLowerCase() === 'rel');
    const relations = (rel?.[2] ?? rel?.[3] ?? '').toLowerCase().split(/\s+/);
    if (relations.includes('next')) return target;
  }
  return undefined;
}
