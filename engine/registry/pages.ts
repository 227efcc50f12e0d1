import type { Options } from '../content';
import { RegistryError, Unsupported } from '../errors';
import type { Answer } from './answer';
import type { Call, Client } from './client';
import { nextLink } from './link';

/** More pages than this are no list but a trap. */
const MOST_PAGES = 2_000;
/** Bytes of all pages together: who lists keeps what it read. */
const CEILING = 32 * 1024 * 1024;

/**
 * Follows `Link: rel=next` as it is written, within the registry's own origin.
 *
 * @param unlinked where the next page is of an answer without such a link, once it was read. @default - there is none
 * @throws RegistryError when it leads elsewhere, in a circle, or on and on
 * @throws Unsupported when the list as a whole is too long
 */
export async function* pages(
  client: Client,
  first: Call,
  options?: Options,
  unlinked?: () => string | undefined,
): AsyncGenerator<Answer> {
  const seen = new Set<string>();
  let call = first;
  let size = 0;
  for (let page = 1; page <= MOST_PAGES; page++) {
    const answer = await client.send({ ...call, signal: options?.signal });
    size += answer.bytes.length;
    if (size > CEILING)
      throw new Unsupported(
        'TOO_LARGE',
        `${first.operation}: got a list of more than ${CEILING} bytes; fewer would do`,
      );
    yield answer;
    const link = answer.status === 200 ? (nextLink(answer.headers.link) ?? unlinked?.()) : undefined;
    if (link === undefined) return;
    const next = URL.canParse(link, answer.url.href) ? new URL(link, answer.url) : undefined;
    const wrong =
      next?.origin !== answer.url.origin ? 'to another host' : seen.has(next.href) ? 'in a circle' : undefined;
    if (next === undefined || wrong !== undefined) {
      throw new RegistryError(
        'ANSWER_UNUSABLE',
        `${first.operation}: the link to the next page leads ${wrong}; one within the registry would do`,
        { status: 200 },
        'usage',
      );
    }
    seen.add(next.href);
    call = { ...first, to: next };
  }
  throw new RegistryError(
    'TOO_LARGE',
    `${first.operation}: got more than ${MOST_PAGES} pages; fewer would do`,
    { status: 200 },
    'usage',
  );
}
