/** What a peer sent is not HTTP/1.1 as RFC 9112 has it: nothing that follows on the connection can be trusted. */
export class Malformed extends Error {
  constructor(
    what: string,
    readonly code = 'ERR_MALFORMED_ANSWER',
  ) {
    super(`the answer is not HTTP/1.1: ${what}`);
  }
}

/** The peer ended the connection in the middle of something. */
export function cutOff(what: string): Error {
  return Object.assign(new Error(what), { code: 'ECONNRESET' });
}
