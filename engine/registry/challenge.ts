/** One way to authenticate that a server offers (RFC 9110, section 11.3). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. The first of two equal names counts. */
  readonly params: ReadonlyMap<string, string>;
}

const LONGEST = 8192;
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const SCHEME = new RegExp(`^(${TOKEN})(?:[ \\t]+|(?=,)|$)`);
const PARAM = new RegExp(`^(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))[ \\t]*(?=,|$)`);
/** What follows a scheme instead of parameters: skipped, no scheme used here has it. */
const TOKEN68 = /^[A-Za-z0-9._~+/-]+=*[ \t]*(?=,|$)/;

/**
 * Reads `WWW-Authenticate`: any number of challenges, several header lines joined by commas. What cannot be read is
 * skipped up to the next comma; it never throws.
 */
export function parseChallenges(header: string | undefined): Challenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  let rest = (header ?? '').slice(0, LONGEST);
  while (rest !== '') {
    rest = rest.replace(/^[\s,]+/, '');
    const param = PARAM.exec(rest);
    const current = challenges.at(-1);
    if (param !== null && current !== undefined) {
      const [whole, name = '', quoted, token = ''] = param;
      const key = name.toLowerCase();
      if (!current.params.has(key)) current.params.set(key, quoted?.replace(/\\(.)/g, '$1') ?? token);
      rest = rest.slice(whole.length);
      continue;
    }
    const scheme = param === null ? SCHEME.exec(rest) : null;
    if (scheme === null) {
      rest = afterComma(rest);
      continue;
    }
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), params: new Map() });
    rest = rest.slice(scheme[0].length);
    if (!PARAM.test(rest)) rest = rest.replace(TOKEN68, '');
  }
  return challenges;
}

function afterComma(text: string): string {
  const comma = text.indexOf(',');
  return comma < 0 ? '' : text.slice(comma + 1);
}
