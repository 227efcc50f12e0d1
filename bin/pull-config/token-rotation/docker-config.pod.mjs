/**
 * Runs in a pod: Docker's config.json as text. Entries are put into the text itself, so that all others stay the bytes that
 * they were, whoever wrote them.
 */

const SPACE = /\s*/y;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
const PLAIN = /[^\s,\]}]+/y;

/**
 * The text with a credential for each host, in place of what was there for it.
 *
 * @param entries pairs of a host and `user:password` in base64
 * @throws Error for a text that is no Docker configuration, without saying what is in it
 */
export function withAuths(text, entries) {
  checkConfig(text);
  const open = text.indexOf('{');
  let whole = member(text, open, 'auths') === undefined ? put(text, open, 'auths', '{}') : text;
  for (const [host, auth] of entries) {
    whole = put(whole, member(whole, open, 'auths').from, host, JSON.stringify({ auth }));
  }
  return whole;
}

function checkConfig(text) {
  let config;
  try {
    config = JSON.parse(text);
  } catch {
    throw new Error('got text that is not JSON; a Docker configuration would do');
  }
  const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(config)) throw new Error('got JSON that is not a map; a Docker configuration would do');
  const auths = Object.hasOwn(config, 'auths') ? config.auths : {};
  if (!isMap(auths)) throw new Error('got auths that are not a map; a Docker configuration would do');
}

/** Puts a member into the map that opens there. */
function put(text, open, key, json) {
  const known = member(text, open, key);
  if (known !== undefined) return text.slice(0, known.from) + json + text.slice(known.to);
  const last = membersOf(text, open).at(-1);
  const end = last?.to ?? open + 1;
  return `${text.slice(0, end)}${last === undefined ? '' : ','}${JSON.stringify(key)}:${json}${text.slice(end)}`;
}

/** The member that counts: of several with one name it is the last. */
function member(text, open, key) {
  return membersOf(text, open).findLast((one) => one.key === key);
}

/** Members of the map that opens there, and where their values stand. The text is JSON: that was looked at before. */
function membersOf(text, open) {
  const members = [];
  let at = end(SPACE, text, open + 1);
  while (text[at] !== '}') {
    if (text[at] === ',') at = end(SPACE, text, at + 1);
    const colon = end(SPACE, text, end(STRING, text, at));
    const from = end(SPACE, text, colon + 1);
    const to = endOfValue(text, from);
    members.push({ key: JSON.parse(text.slice(at, end(STRING, text, at))), from, to });
    at = end(SPACE, text, to);
  }
  return members;
}

function endOfValue(text, from) {
  if (text[from] === '"') return end(STRING, text, from);
  if (text[from] !== '{' && text[from] !== '[') return end(PLAIN, text, from);
  let depth = 0;
  let at = from;
  do {
    if (text[at] === '"') at = end(STRING, text, at);
    else {
      if (text[at] === '{' || text[at] === '[') depth += 1;
      if (text[at] === '}' || text[at] === ']') depth -= 1;
      at += 1;
    }
  } while (depth > 0);
  return at;
}

/** Where a match that begins there ends. */
function end(pattern, text, from) {
  pattern.lastIndex = from;
  pattern.exec(text);
  return pattern.lastIndex;
}
