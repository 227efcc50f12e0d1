/** Pages that one list may have. */
const MOST_PAGES = 1_000;

/** What a list that comes in pages holds. @throws Error when it does not end */
export async function allPages<T>(
  ask: (from: string | undefined) => Promise<{ readonly items: readonly T[]; readonly next: string | undefined }>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let from: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await ask(from);
    items.push(...answer.items);
    from = answer.next || undefined;
    if (from === undefined) return items;
  }
  throw new Error(`a list has more than ${MOST_PAGES} pages`);
}
