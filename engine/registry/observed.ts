import type { Observer, RequestEvent } from '../ports';

/** Runs one request and tells the observer how it was answered. */
export async function observed<T extends { readonly status: number }>(
  observer: Observer | undefined,
  what: Pick<RequestEvent, 'registry' | 'method' | 'kind'>,
  request: () => Promise<T>,
): Promise<T> {
  if (observer?.request === undefined) return request();
  const began = performance.now();
  let status = 0;
  try {
    const answer = await request();
    status = answer.status;
    return answer;
  } finally {
    observer.request({ ...what, status, milliseconds: performance.now() - began });
  }
}
