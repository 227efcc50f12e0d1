import type { Output } from '../../terminal/output';

/** A terminal as far as progress bars need one: lines, carriage return, cursor up, erase line, colours left out. */
export function openScreen(columns = 80): Output & { lines(): string[]; written(): string } {
  const rows = [''];
  let row = 0;
  let written = '';
  const apply = (token: string) => {
    if (token === '\n') {
      row += 1;
      rows[row] ??= '';
    } else if (token === '\u001b[1A') row -= 1;
    else if (token === '\u001b[2K') rows[row] = '';
    else if (token !== '\r' && !token.startsWith('\u001b')) rows[row] += token;
  };
  return {
    isTTY: true,
    columns,
    write(text: string) {
      written += text;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are driven by them
      for (const token of text.match(/\u001b\[\d+[A-Za-z]|\n|\r|[^\u001b\n\r]+/g) ?? []) apply(token);
    },
    lines: () => rows.filter((line) => line !== ''),
    written: () => written,
  };
}
