import { isTag } from '../../lib/model/reference';
import type { Options } from '../content';
import { Unsupported } from '../errors';
import type { Client } from './client';
import { failure } from './failure';
import { pages } from './pages';

/** The most that Amazon ECR allows; others take it for what it is, a wish. */
const PAGE = 1000;
/** Registries that do not page send all tags at once. */
const CEILING = 16 * 1024 * 1024;
/** Far above what registries hold (Amazon ECR: 100,000 images in a repository); they are all kept to select from. */
const MOST_TAGS = 1_000_000;

/**
 * All tags. What is no tag is left out: it could not be asked for.
 *
 * The specification does not oblige a registry to link to its next page, and go-containerregistry's does not: after a full page
 * without a link the next one is asked for by the last tag. Where there is none, some answer with the first one, or an error.
 */
export async function* listTags(client: Client, options?: Options): AsyncGenerator<string> {
  const operation = `tags of ${client.name}`;
  const call = {
    method: 'GET',
    to: `tags/list?n=${PAGE}`,
    kind: 'tags',
    operation,
    ceiling: CEILING,
  } as const;
  let count = 0;
  let first: unknown;
  let last: unknown;
  let isGuess = false;
  const afterLast = () => {
    isGuess = typeof last === 'string';
    return isGuess ? `?n=${PAGE}&last=${encodeURIComponent(String(last))}` : undefined;
  };
  for await (const answer of pages(client, call, options, afterLast)) {
    if (isGuess && REFUSALS.has(answer.status)) return;
    if (answer.status !== 200) throw failure({ operation, registry: client.repository.registry }, answer);
    const tags = tagsIn(answer.bytes, operation);
    if (isGuess && tags[0] === first) return;
    isGuess = false;
    first ??= tags[0];
    last = tags.length === PAGE ? tags.at(-1) : undefined;
    count += tags.length;
    if (count > MOST_TAGS)
      throw new Unsupported('TOO_LARGE', `${operation}: got more than ${MOST_TAGS}; fewer would do`);
    for (const tag of tags) if (typeof tag === 'string' && isTag(tag)) yield tag;
  }
}

/** Of a page that may not be there. */
const REFUSALS: ReadonlySet<number> = new Set([400, 404, 405, 416]);

function tagsIn(bytes: Uint8Array, operation: string): readonly unknown[] {
  try {
    const tags: unknown = JSON.parse(Buffer.from(bytes).toString('utf8')).tags ?? [];
    if (Array.isArray(tags)) return tags;
  } catch {
    // said below
  }
  throw new Unsupported(
    'ANSWER_UNUSABLE',
    `${operation}: the answer is no list of tags; one as in the distribution specification would do`,
  );
}
