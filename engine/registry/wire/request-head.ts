const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TARGET = /^[\x21-\x7e]+$/;
/** What these say is for whoever has the connection, and is said here. */
const OURS: ReadonlySet<string> = new Set(['host', 'connection', 'transfer-encoding']);

/**
 * Request line and fields (RFC 9112, section 3), each character a byte.
 *
 * @throws TypeError for what would end a line, or begin another; the value is not shown, as it may be a secret
 */
export function requestHead(method: string, url: URL, headers: Readonly<Record<string, string | number>>): string {
  const target = `${url.pathname}${url.search}`;
  if (!NAME.test(method) || !TARGET.test(target)) throw invalid(`${url.host}: its path cannot be asked for`);
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!NAME.test(name) || OURS.has(lower)) throw invalid(`${url.host}: a header may not have this name`);
    if (!VALUE.test(String(value))) throw invalid(`${url.host}: ${lower} has a character that no header may have`);
    fields.set(lower, String(value));
  }
  if ((method === 'POST' || method === 'PUT') && !fields.has('content-length')) fields.set('content-length', '0');
  const lines = [...fields].map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n${lines.join('')}\r\n`;
}

function invalid(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_CHAR' });
}
