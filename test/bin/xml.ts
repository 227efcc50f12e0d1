/** An element of a document that was written for machines: attributes, elements and text. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All that stands between its tags, elements apart. */
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const TOKEN = /<\?xml [^>]*\?>\n|<\/([\w-]+)>|<([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>|([^<]+)/uy;
/** XML 1.0 2.2 */
const CHARACTERS = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u;

/** Reads what XML 1.0 allows, but for comments, sections and declarations of types. @throws with where it is none */
export function readXml(text: string): XmlElement {
  if (!CHARACTERS.test(text)) throw new Error('a character that is none of XML');
  const root: Open = { name: '', attributes: {}, children: [], text: '' };
  const open: Open[] = [root];
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length; ) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text);
    if (token === null) throw new Error(`no XML: ${text.slice(at, at + 40)}`);
    take(token, open);
  }
  const [only, ...others] = root.children;
  if (open.length !== 1 || only === undefined || others.length > 0 || root.text.trim() !== '') {
    throw new Error('not one element that is closed');
  }
  return only;
}

function take([, closed, opened, attributes = '', empty, text]: RegExpExecArray, open: Open[]): void {
  const current = open[open.length - 1] as Open;
  if (text !== undefined) current.text += decode(text.replace(/\r\n?/g, '\n'));
  if (closed !== undefined) {
    if (closed !== current.name || open.length === 1) throw new Error(`</${closed}> closes ${current.name}`);
    open.pop();
  }
  if (opened === undefined) return;
  const pairs = [...attributes.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
    name,
    decode(value.replace(/[\t\n\r]/g, ' ')),
  ]);
  const element: Open = { name: opened, attributes: Object.fromEntries(pairs), children: [], text: '' };
  current.children.push(element);
  if (empty === '') open.push(element);
}

function decode(text: string): string {
  if (text.includes(']]>')) throw new Error('the end of a section outside of one');
  return text.replace(/&(?:#(\d+)|(\w+));|&/g, (written, number, name) => {
    const found = number === undefined ? NAMED[name] : String.fromCodePoint(Number(number));
    if (found === undefined || !CHARACTERS.test(found)) throw new Error(`no reference: ${written}`);
    return found;
  });
}
