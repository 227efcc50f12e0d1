/**
 * `node scripts/picture.mjs`: draws docs/images/walk.svg, the picture of the README. The same bytes wherever it runs; its colours
 * are those of the reader's system, on a ground of its own. `--check` fails when the file is not what would be drawn.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../docs/images/walk.svg', import.meta.url);
const WIDTH = 760;
const HEIGHT = 420;
/** Three columns: what is wanted and read, what works, what is found and written. */
const LEFT = { x: 28, width: 158 };
const MIDDLE = { x: 222, width: 316 };
const RIGHT = { x: 574, width: 158 };

const LIGHT = {
  ground: '#ffffff',
  line: '#8c959f',
  ink: '#1f2328',
  soft: '#59636e',
  wake: '#fbefff',
  wakeLine: '#c297ff',
  work: '#ddf4ff',
  workLine: '#54aeff',
  table: '#fff8c5',
  tableLine: '#d4a72c',
  place: '#f6f8fa',
  placeLine: '#afb8c1',
};
const DARK = {
  ground: '#0d1117',
  line: '#7d8590',
  ink: '#f0f6fc',
  soft: '#a9b4bf',
  wake: '#2b1d45',
  wakeLine: '#8957e5',
  work: '#0c2a4d',
  workLine: '#388bfd',
  table: '#342a06',
  tableLine: '#bb8009',
  place: '#1b222c',
  placeLine: '#57606a',
};

const text = (x, y, words, { kind = 'ink', size = 14, weight = 400, anchor = 'middle' } = {}) =>
  `<text x="${x}" y="${y}" class="${kind}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}">${words}</text>`;

const box = (x, y, width, height, kind, round = 8) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}" class="${kind}"/>`;

const arrow = (path, { dashed = false } = {}) =>
  `<path d="${path}" class="way${dashed ? ' asks' : ''}" marker-end="url(#tip)"/>`;

/** A table, as everybody draws one. */
function table({ x, width }, y, [name, what]) {
  const [height, bend] = [84, 11];
  const right = x + width;
  const side = `M${x} ${y + bend}v${height - 2 * bend}a${width / 2} ${bend} 0 0 0 ${width} 0V${y + bend}`;
  return [
    `<path d="${side}" class="table"/>`,
    `<ellipse cx="${(x + right) / 2}" cy="${y + bend}" rx="${width / 2}" ry="${bend}" class="table"/>`,
    text((x + right) / 2, y + 46, name, { weight: 600 }),
    text((x + right) / 2, y + 64, what, { kind: 'soft', size: 12.5 }),
  ].join('\n');
}

function place({ x, width }, y, [name, what]) {
  const middle = x + width / 2;
  const shown = [text(middle, y + 34, name, { weight: 600 }), text(middle, y + 54, what, { kind: 'soft', size: 12.5 })];
  return [box(x, y, width, 76, 'place'), ...shown].join('\n');
}

function wakes() {
  const names = ['schedule', 'push to Amazon ECR', 'changed row', 'webhook'];
  const width = (RIGHT.x + RIGHT.width - LEFT.x - 3 * 14) / 4;
  const pills = names.map((name, index) => {
    const x = LEFT.x + index * (width + 14);
    return [box(x, 24, width, 34, 'wake', 17), text(x + width / 2, 46, name)].join('\n');
  });
  return [...pills, arrow(`M${MIDDLE.x + MIDDLE.width / 2} 62V90`)].join('\n');
}

function worker(y, height, [name, where], steps) {
  const width = (MIDDLE.width - 24 - (steps.length - 1) * 14) / steps.length;
  const drawn = steps.map(([step, what], index) => {
    const x = MIDDLE.x + 12 + index * (width + 14);
    const next = index < steps.length - 1 ? [arrow(`M${x + width + 1} ${y + 67}h8`)] : [];
    const words = [
      text(x + width / 2, y + 62, step, { weight: 600, size: 13 }),
      text(x + width / 2, y + 79, what, { kind: 'soft', size: 11 }),
    ];
    return [box(x, y + 42, width, 48, 'step', 6), ...words, ...next].join('\n');
  });
  const title = text(MIDDLE.x + 14, y + 27, name, { weight: 600, size: 15, anchor: 'start' });
  const by = text(MIDDLE.x + MIDDLE.width - 14, y + 27, where, { kind: 'soft', size: 12.5, anchor: 'end' });
  return [box(MIDDLE.x, y, MIDDLE.width, height, 'work'), title, by, ...drawn].join('\n');
}

function ways() {
  const [controller, copier] = [144, 320];
  const middle = MIDDLE.x + MIDDLE.width / 2;
  const out = MIDDLE.x + MIDDLE.width;
  const [source, destination] = [LEFT.x + 79, RIGHT.x + 79];
  return [
    arrow(`M${LEFT.x + LEFT.width + 3} ${controller}H${MIDDLE.x - 5}`),
    arrow(`M${out + 3} ${controller}H${RIGHT.x - 5}`),
    arrow(`M${middle} 202V262`),
    text(middle + 10, 229, 'jobs: copies,', { kind: 'soft', size: 12.5, anchor: 'start' }),
    text(middle + 10, 245, 'pinned by digest', { kind: 'soft', size: 12.5, anchor: 'start' }),
    arrow(`M${source} 278V238H${MIDDLE.x + 44}V205`, { dashed: true }),
    arrow(`M${destination} 278V238H${out - 22}V205`, { dashed: true }),
    text(source + 8, 230, 'digests, by HEAD', { kind: 'soft', size: 12.5, anchor: 'start' }),
    text(destination - 8, 230, 'what is there', { kind: 'soft', size: 12.5, anchor: 'end' }),
    arrow(`M${LEFT.x + LEFT.width + 3} ${copier}H${MIDDLE.x - 5}`),
    arrow(`M${out + 3} ${copier}H${RIGHT.x - 5}`),
    arrow(`M${middle} 369V392H${WIDTH - 13}V${controller}H${RIGHT.x + RIGHT.width + 5}`),
    text(middle + 10, 386, 'outcome of each copy', { kind: 'soft', size: 12.5, anchor: 'start' }),
  ].join('\n');
}

const rules = (of) => `.ground{fill:${of.ground};stroke:${of.placeLine}}.ink{fill:${of.ink}}.soft{fill:${of.soft}}
.wake{fill:${of.wake};stroke:${of.wakeLine}}.work{fill:${of.work};stroke:${of.workLine}}.step{fill:${of.ground};stroke:${of.workLine}}
.table{fill:${of.table};stroke:${of.tableLine}}.place{fill:${of.place};stroke:${of.placeLine}}
.way{stroke:${of.line}}.tip{fill:${of.line}}`;

function picture() {
  const about =
    'A schedule, a push to Amazon ECR, a changed row or a webhook wakes the controller, an AWS Lambda function. It reads the table of mirrors, ' +
    'asks sources and destinations for digests, decides what is to be copied, notes the rest with its reason in the table of copies, and ' +
    'submits jobs. A worker on AWS Batch copies each blob from the sources to the destinations, the tag last, and notes the outcome.';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title about" font-family="-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif">
<title id="title">How a row becomes an image in Amazon ECR</title>
<desc id="about">${about}</desc>
<style>
${rules(LIGHT)}
.way{fill:none;stroke-width:1.6}.asks{stroke-dasharray:5 4}
@media (prefers-color-scheme: dark){
${rules(DARK)}
}
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" markerHeight="6" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" class="tip"/></marker></defs>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="10" class="ground"/>
${wakes()}
${worker(
  96,
  104,
  ['controller', 'AWS Lambda'],
  [
    ['rows', 'to mirrors'],
    ['digests', 'both ends'],
    ['plan', 'and why'],
    ['lease', 'one job'],
  ],
)}
${worker(
  268,
  100,
  ['worker', 'AWS Batch, Fargate'],
  [
    ['read', 'blobs, once'],
    ['verify', 'size, digest'],
    ['write', 'tag last'],
  ],
)}
${table(LEFT, 102, ['mirrors', 'what you want'])}
${table(RIGHT, 102, ['copies', 'what there is'])}
${place(LEFT, 280, ['sources', 'any registry'])}
${place(RIGHT, 280, ['destinations', 'Amazon ECR, others'])}
${ways()}
</svg>
`;
}

const drawn = picture();
if (!process.argv.includes('--check')) writeFileSync(FILE, drawn);
else if (readFileSync(FILE, 'utf8') !== drawn) {
  process.stderr.write('docs/images/walk.svg: got other bytes than are drawn; node scripts/picture.mjs would do\n');
  process.exitCode = 1;
}
