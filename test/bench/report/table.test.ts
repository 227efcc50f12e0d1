import { markdownReport, plainResult, warnings } from '../../../bench/report/markdown';
import { barChart, pictureOf } from '../../../bench/report/picture';
import type { Outcome, Report, Result } from '../../../bench/report/report';
import { digits, markdownTable, plainTable } from '../../../bench/report/table';

const MIB = 1024 * 1024;

function outcome(tool: string, wall: number, requests = 10): Outcome {
  const bytes = 5 * MIB;
  return { tool, figures: { wall, cpu: 0.5, peakMemory: 60 * MIB, requests, received: bytes, sent: bytes } };
}

const WALLS: Result = {
  scenario: 'many',
  about: 'small layers',
  network: 'loopback',
  outcomes: [
    outcome('ours', 1),
    outcome('fast', 2, 40),
    outcome('frugal', 4, 20),
    { tool: 'broken', failed: 'ended with 1: a | b' },
    { tool: 'other', unable: true },
  ],
};

const REPORT: Report = {
  date: '2026-11-21T10:00:00.000Z',
  machine: ['2 cores'],
  runs: 5,
  tls: false,
  untuned: false,
  tools: [
    { name: 'ours', version: '1.0' },
    { name: 'fast', version: '2.0' },
  ],
  missing: [],
  results: [WALLS, { ...WALLS, network: 'wan' }],
};

describe('the table of a scenario', () => {
  it('has the ratio to the best of each column', () => {
    expect(plainResult(WALLS, REPORT)).toMatchInlineSnapshot(`
"many, loopback: small layers
                       wall, s  CPU, s  peak, MiB  requests  from source, MiB  to destination, MiB
ours                      1.00   0.500       60.0        10              5.00                 5.00
fast                      2.00   0.500       60.0        40              5.00                 5.00
frugal                    4.00   0.500       60.0        20              5.00                 5.00
broken                  failed
other                        –
ours to the best peer     0.50    1.00       1.00      0.50              1.00                 1.00
broken failed: ended with 1: a | b"
`);
  });

  it('has CPU seconds for each GiB where registries speak TLS', () => {
    const lines = plainResult(WALLS, { ...REPORT, tls: true }).split('\n');
    expect(lines[1]).toMatch(/CPU, s\/GiB$/);
    expect(lines[2]).toMatch(/ 102$/);
  });
});

describe('the report', () => {
  it('names what it was measured with', () => {
    const text = markdownReport(REPORT);
    for (const part of ['## 2026-11-21', '- 2 cores', '- median of 5', '| fast | 2.0 |', '| many | wan | 0.50 |']) {
      expect(text).toContain(part);
    }
    expect(text).toContain('- broken failed: ended with 1: a \\| b');
    expect(text).not.toContain('No result');
  });

  it('says on top that it is no result without every peer', () => {
    const text = markdownReport({ ...REPORT, missing: ['slow', 'slower'] });
    expect(text).toMatch(/^## 2026-11-21\n\n> \*\*No result: not on this machine: slow, slower\.\*\*\n/);
  });

  it('of one run is no result either', () => {
    expect(warnings({ missing: [], runs: 1, untuned: false })).toEqual([
      'No result: one run of each; three or more would do.',
    ]);
    expect(warnings({ missing: [], runs: 3, untuned: false })).toEqual([]);
  });
});

describe('a table', () => {
  it('has numbers to the right on a terminal', () => {
    const rows = [
      ['', 'a'],
      ['long', '1'],
      ['x', '100'],
    ];
    expect(plainTable(rows)).toBe('        a\nlong    1\nx     100');
  });

  it('keeps a bar in a cell from ending it in Markdown', () => {
    expect(markdownTable([['a'], ['x|y']])).toBe('| a |\n|---|\n| x\\|y |');
  });

  it.each([
    [0, '0'],
    [0.0123, '0.012'],
    [0.2144, '0.214'],
    [3.1449, '3.14'],
    [21.44, '21.4'],
    [2140.4, '2140'],
  ])('writes %d as %s', (value, text) => {
    expect(digits(value)).toBe(text);
  });
});

describe('the picture', () => {
  const rects = (svg: string) => [...svg.matchAll(/<rect class="(s\d)" x="84" y="(\d+)" width="([\d.]+)"/g)];

  it('draws a bar for each ratio, and none for what is not known', () => {
    const svg = barChart({ title: 't', series: ['a', 'b'], groups: [{ name: 'g', ratios: [undefined, 0.5] }] });
    expect(rects(svg).filter(([, , y]) => Number(y) > 50)).toHaveLength(1);
    expect(svg).toContain('>0.50</text>');
  });

  it('has lengths in the ratio of the numbers, up to an end that is marked', () => {
    const svg = barChart({
      title: 't',
      series: ['a'],
      groups: [0.5, 1, 1.5, 6, Number.POSITIVE_INFINITY].map((ratio) => ({ name: 'g', ratios: [ratio] })),
    });
    const widths = rects(svg).flatMap(([, , y, width]) => (Number(y) > 50 ? [Number(width)] : []));
    const [half = 0, one, most, more, infinite] = widths;
    expect(one).toBeCloseTo(2 * half, 0);
    expect(most).toBeCloseTo(3 * half, 0);
    expect([more, infinite]).toEqual([most, most]);
    expect(svg).toContain('→ 6.00');
    expect(svg).toContain('→ ∞');
  });

  it('is well formed whatever its words are, with colours for light and dark pages', () => {
    const svg = barChart({ title: 'a < b & "c"', series: ['x'], groups: [{ name: '<g>', ratios: [1] }] });
    expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
    expect(svg).not.toContain('<g>');
    expect(svg).toContain('prefers-color-scheme: dark');
  });

  it('of a report shows wall time over each network, requests and bytes', () => {
    const svg = pictureOf(REPORT);
    for (const name of ['wall time, loopback', 'wall time, wan', 'requests', 'bytes from the source']) {
      expect(svg).toContain(`>${name}</text>`);
    }
    expect(svg).not.toContain('no result');
    expect(pictureOf({ ...REPORT, missing: ['slow'] })).toContain('without slow: no result');
  });
});
