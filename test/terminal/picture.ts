/**
 * What a recorded terminal shows, as a picture: `npx tsx test/terminal/picture.ts RECORDING PICTURE.png [OPTIONS]`, after
 * `script -qfc 'stty cols 80 rows 24; COMMAND' --log-out RECORDING --log-timing TIMES`.
 *
 * `--columns 80`, `--rows 24`, `--light`; `--times TIMES --at SECONDS` for what it showed then. Chromium draws it.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { which } from '../../local/process/which';
import { type Cell, Screen } from './screen';

interface Theme {
  readonly paper: string;
  readonly ink: string;
  readonly colours: Readonly<Record<number, string>>;
}

/** As terminals have them. */
const THEMES: Readonly<Record<'dark' | 'light', Theme>> = {
  dark: { paper: '#1e1e1e', ink: '#cccccc', colours: { 31: '#f14c4c', 32: '#23d18b', 33: '#e5e510', 36: '#29b8db' } },
  light: { paper: '#ffffff', ink: '#333333', colours: { 31: '#cd3131', 32: '#107c10', 33: '#949800', 36: '#0598bc' } },
};

/** The screen as a page. */
export function pageOf(screen: Screen, { paper, ink, colours }: Theme): string {
  const styleOf = (cell: Cell) =>
    [
      ...cell.style.map((code) => (colours[code] === undefined ? '' : `color:${colours[code]}`)),
      cell.style.includes(1) ? 'font-weight:bold' : '',
      cell.style.includes(2) ? 'opacity:.55' : '',
    ]
      .filter((part) => part !== '')
      .join(';');
  const escaped = (text: string) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  const rows = screen
    .seen()
    .map((cells) => cells.map((cell) => `<span style="${styleOf(cell)}">${escaped(cell.text)}</span>`).join(''));
  const blank = Array.from({ length: Math.max(0, screen.rows - rows.length) }, () => '');
  const style = `margin:0;padding:12px;font:14px/1.25 'DejaVu Sans Mono',monospace;width:${screen.columns}ch;background:${paper};color:${ink}`;
  return `<body style="margin:0"><pre style="${style}">${[...rows, ...blank].join('\n')}</pre>`;
}

/** What had been written after so many seconds. */
function until(recording: Buffer, times: string, seconds: number): Buffer {
  let [passed, bytes] = [0, 0];
  for (const line of times.split('\n')) {
    const [delay = 0, more = 0] = line.split(' ').map(Number);
    passed += delay;
    if (passed > seconds) break;
    bytes += more;
  }
  return recording.subarray(0, bytes);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      columns: { type: 'string', default: '80' },
      rows: { type: 'string', default: '24' },
      light: { type: 'boolean', default: false },
      times: { type: 'string' },
      at: { type: 'string' },
    },
  });
  const [recording = '', picture = ''] = positionals;
  const screen = new Screen(Number(values.columns), Number(values.rows));
  // `script` begins and ends with lines of its own.
  const bytes = readFileSync(recording);
  const start = bytes.subarray(0, 7).toString() === 'Script ' ? bytes.indexOf(10) + 1 : 0;
  const body = bytes.subarray(start);
  const seen =
    values.times === undefined ? body : until(body, readFileSync(values.times, 'utf8'), Number(values.at ?? 1e9));
  screen.write(
    seen
      .toString()
      .replace(/\nScript done on .*\n?$/s, '')
      .replaceAll('\r\n', '\n'),
  );
  const browser = await chromium.launch({ executablePath: which('chromium') ?? '', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 400, height: 200 }, deviceScaleFactor: 1 });
    await page.setContent(pageOf(screen, THEMES[values.light ? 'light' : 'dark']));
    await page.locator('pre').screenshot({ path: picture });
  } finally {
    await browser.close();
  }
  if (screen.unknown.length > 0) process.stderr.write(`not known: ${JSON.stringify([...new Set(screen.unknown)])}\n`);
}

void main();
