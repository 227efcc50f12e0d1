import { ratiosOf } from './ratios';
import type { Report } from './report';
import { formatRatio } from './statistics';

/** Bars of a scenario: ratios of ours to the best peer, where 1 is as good. */
export interface Group {
  readonly name: string;
  /** In the order of the series; undefined where there is none. */
  readonly ratios: readonly (number | undefined)[];
}

export interface Picture {
  readonly title: string;
  readonly series: readonly string[];
  readonly groups: readonly Group[];
}

/** Of a report: wall time over each network, requests, and bytes from the source. */
export function pictureOf(report: Report): string {
  const { results, tools, tls, untuned, date } = report;
  const ours = tools[0]?.name ?? '';
  const networks = [...new Set(results.map(({ network }) => network))];
  const groups = [...new Set(results.map(({ scenario }) => scenario))].map((name) => {
    const of = results
      .filter(({ scenario }) => scenario === name)
      .map((result) => ({ ...result, ...ratiosOf(result, ours) }));
    const walls = networks.map((network) => of.find((one) => one.network === network)?.wall);
    return { name, ratios: [...walls, of[0]?.requests, of[0]?.received] };
  });
  const series = [...networks.map((network) => `wall time, ${network}`), 'requests', 'bytes from the source'];
  const state = report.missing.length > 0 ? `, without ${report.missing.join(', ')}: no result` : '';
  return barChart({
    title: `${ours} to the best peer, ${date.slice(0, 10)}${tls ? ', TLS' : ''}${untuned ? ', untuned' : ''}${state}`,
    series,
    groups,
  });
}

const WIDTH = 760;
const LEFT = 84;
const RIGHT = 56;
const TOP = 70;
const BAR = 12;
const GAP = 14;
/** Longer bars end here, with an arrow and their number. */
const MOST = 1.5;

const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 14px; font-weight: 600 }
.value { font-size: 10px }
.grid { stroke: #d0d7de }
.one { stroke: #24292f; stroke-dasharray: 4 3 }
.s0 { fill: #0969da } .s1 { fill: #8250df } .s2 { fill: #bf8700 } .s3 { fill: #1a7f37 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .grid { stroke: #3d444d } .one { stroke: #e6edf3 }
.s0 { fill: #4493f8 } .s1 { fill: #ab7df8 } .s2 { fill: #d29922 } .s3 { fill: #3fb950 }
}`;

const across = (ratio: number) => LEFT + (Math.min(ratio, MOST) / MOST) * (WIDTH - LEFT - RIGHT);

/** Bars from left to right, in groups from top to bottom, as an SVG that looks right on light and dark pages. */
export function barChart({ title, series, groups }: Picture): string {
  const groupHeight = series.length * BAR + GAP;
  const bottom = TOP + groups.length * groupHeight;
  const height = bottom + 26;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<text class="title" x="${LEFT}" y="20">${escaped(title)}</text>`,
    ...legend(series),
    ...grid(bottom),
    ...groups.flatMap((group, at) => bars(group, TOP + at * groupHeight + GAP / 2)),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function legend(series: readonly string[]): string[] {
  const step = (WIDTH - LEFT) / series.length;
  return series.flatMap((name, at) => {
    const x = (LEFT + at * step).toFixed(0);
    return [
      `<rect class="s${at}" x="${x}" y="34" width="10" height="10"/>`,
      `<text x="${Number(x) + 15}" y="43">${escaped(name)}</text>`,
    ];
  });
}

function grid(bottom: number): string[] {
  return [0, 0.25, 0.5, 0.75, 1, 1.25, MOST].flatMap((ratio) => {
    const x = across(ratio).toFixed(1);
    const kind = ratio === 1 ? 'one' : 'grid';
    return [
      `<line class="${kind}" x1="${x}" x2="${x}" y1="${TOP - 10}" y2="${bottom}"/>`,
      `<text x="${x}" y="${bottom + 16}" text-anchor="middle">${ratio === 1 ? 'best peer' : ratio}</text>`,
    ];
  });
}

function bars({ name, ratios }: Group, top: number): string[] {
  const middle = top + (ratios.length * BAR) / 2 + 4;
  return [
    `<text x="${LEFT - 8}" y="${middle}" text-anchor="end">${escaped(name)}</text>`,
    ...ratios.flatMap((ratio, at) => (ratio === undefined ? [] : bar(ratio, at, top + at * BAR))),
  ];
}

function bar(ratio: number, series: number, top: number): string[] {
  const end = across(ratio);
  const label = `${ratio > MOST ? '→ ' : ''}${formatRatio(ratio)}`;
  return [
    `<rect class="s${series}" x="${LEFT}" y="${top}" width="${(end - LEFT).toFixed(1)}" height="${BAR - 2}"/>`,
    `<text class="value" x="${(end + 4).toFixed(1)}" y="${top + BAR - 3}">${label}</text>`,
  ];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
