import { printable } from '../../lib/model/invalid';

/** HTML that is finished: what is put into it later is not escaped again. */
export interface Markup {
  readonly markup: string;
}

export type Content = string | number | Markup | readonly Content[] | undefined;

/** Finished HTML of a template: everything that is put into it is text, without control characters, unless it is {@link Markup}. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const parts = strings.map((string, at) => (at === 0 ? string : `${written(contents[at - 1])}${string}`));
  return { markup: parts.join('') };
}

/** Our own text, not escaped: styles and scripts, in which entities mean nothing. */
export function verbatim(text: string): Markup {
  return { markup: text };
}

function written(content: Content): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return escaped(content);
  if (typeof content === 'number') return String(content);
  return 'markup' in content ? content.markup : content.map(written).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
