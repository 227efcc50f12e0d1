import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT, read } from './documents';

function withoutBlocks(text: string): string {
  return text.replace(/^([ \t]*)(```+|~~~+)[\s\S]*?^\1\2[ \t]*$/gm, '');
}

/** Prose alone: what stands in fenced blocks and between backquotes is no link. */
function prose(text: string): string {
  return withoutBlocks(text)
    .replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '')
    .replace(/<!--[\s\S]*?-->/g, '');
}

/** Where a document leads: links and images, those with a reference and those in HTML too. */
export function linksOf(markdown: string): readonly string[] {
  // Code is taken out of prose, but the text of a link may be code: its target is looked for first.
  const fenced = withoutBlocks(markdown);
  const inline = [...fenced.matchAll(/\]\(<?([^)<>\s]+)>?(?:\s+(?:"[^"]*"|'[^']*'))?\)/g)];
  const rest = prose(markdown);
  const references = [...rest.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)>?/gm)];
  const automatic = [...rest.matchAll(/<((?:https?|mailto):[^\s>]+)>/g)];
  const html = [...rest.matchAll(/<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)\s*=\s*["']([^"'\s]+)["']/g)];
  return [...inline, ...references, ...automatic, ...html].map(([, target = '']) => target);
}

/** Anchors of a page on GitHub: its headings in lower case, without punctuation, with dashes for spaces, numbered when they recur. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const text = withoutBlocks(markdown);
  const dashed = [...text.matchAll(/^ {0,3}#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const plain = heading.replace(/<[^>]*>/g, '').replace(/\]\([^)]*\)/g, ']');
    const slug = plain
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
  const tags = [...text.matchAll(/<\w+\b[^>]*>/g)].map(([tag]) => tag);
  const named = tags.flatMap((tag) => [...tag.matchAll(/\b(?:name|id)="([^"]+)"/g)].map(([, name = '']) => name));
  return new Set([...dashed, ...named]);
}

/** What of a link is wrong, in a document; undefined when it leads somewhere. What is elsewhere is judged by how it looks. */
export function linkProblem(target: string, from: string, hosts: ReadonlySet<string>): string | undefined {
  if (target.startsWith('mailto:')) return undefined;
  if (/^[a-z][a-z0-9+.-]*:/i.test(target) || target.startsWith('//')) return addressProblem(target, hosts);
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? from : normalize(join(dirname(from), decodeURIComponent(path)));
  if (file.startsWith('..') || path.startsWith('/')) return 'leads out of the repository';
  if (!existsSync(join(ROOT, file))) return 'there is no such file';
  if (anchor === undefined || !file.endsWith('.md')) return undefined;
  const anchors = anchorsIn(file);
  return anchors.has(anchor) || anchors.has(decodeURIComponent(anchor)) ? undefined : 'there is no such heading';
}

const known = new Map<string, ReadonlySet<string>>();

/** API.md leads to itself some thousand times. */
function anchorsIn(file: string): ReadonlySet<string> {
  const anchors = known.get(file) ?? anchorsOf(read(file));
  known.set(file, anchors);
  return anchors;
}

function addressProblem(target: string, hosts: ReadonlySet<string>): string | undefined {
  if (!URL.canParse(target)) return 'no address';
  const { protocol, hostname, username } = new URL(target);
  if (protocol !== 'https:') return 'not https';
  if (username !== '') return 'somebody is named in it';
  return hosts.has(hostname) ? undefined : `${hostname} is not among the hosts that documents lead to`;
}
