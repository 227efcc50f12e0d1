/** What a process held at one moment: bytes, and numbers of things. */
export interface Sample {
  readonly rss: number;
  /** After a collection of garbage, with what buffers hold outside of it. */
  readonly heap: number;
  /** Everything that the event loop waits for; connections that lie idle are not among it. */
  readonly handles: number;
  /** Idle ones too; on Linux, as descriptors. */
  readonly sockets: number;
  readonly timers: number;
  readonly files: number;
  readonly children: number;
}

/** One quantity over time. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
  readonly format: (value: number) => string;
  /** By how much the last third may exceed the first one, in quiet moments and in busy ones, before it counts as growing. */
  readonly slack: number;
}

const MIB = 2 ** 20;
const mib = (value: number) => `${(value / MIB).toFixed(1)} MiB`;
const whole = (value: number) => String(Math.round(value));

/**
 * Slack is what noise was seen to be, and below what a thousand rows would leave behind: a hundred bytes a row and round are
 * more than 2 MiB in ten minutes, a socket or timer that stays in each round more than twenty.
 */
export function seriesOf(samples: readonly Sample[]): Series[] {
  const of = (name: string, key: keyof Sample, format: Series['format'], slack: number): Series => ({
    name,
    values: samples.map((sample) => sample[key]),
    format,
    slack,
  });
  return [
    of('resident memory', 'rss', mib, 16 * MIB),
    of('heap, collected', 'heap', mib, 2 * MIB),
    of('handles', 'handles', whole, 16),
    of('sockets', 'sockets', whole, 16),
    of('timers', 'timers', whole, 16),
    of('file descriptors', 'files', whole, 16),
  ];
}

/** What is exceeded in all but a tenth of the time, and in no more than a tenth. */
export interface Range {
  readonly quiet: number;
  readonly busy: number;
}

/** The first and the last third of the time. */
export function thirds(values: readonly number[]): { readonly first: Range; readonly last: Range } {
  const length = Math.ceil(values.length / 3);
  return { first: rangeOf(values.slice(0, length)), last: rangeOf(values.slice(-length)) };
}

function rangeOf(values: readonly number[]): Range {
  return { quiet: quantile(values, 0.1), busy: quantile(values, 0.9) };
}

/**
 * What is never let go of shows in quiet moments and in busy ones. One of the two alone is a matter of how much of the time was
 * busy: a round opens hundreds of connections when it asks for a thousand digests, and few when it copies.
 */
export function grows({ values, slack }: Series): boolean {
  const { first, last } = thirds(values);
  return last.quiet > first.quiet + slack && last.busy > first.busy + slack;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * share)] ?? 0;
}

const BLOCKS = '▁▂▃▄▅▆▇█';
const COLUMNS = 48;

/** Lines of text: a column for each stretch of time, from nothing to the most there was. */
export function chart(all: readonly Series[]): string {
  return all
    .map(({ name, values, format }) => {
      const { first, last } = thirds(values);
      const most = values.reduce((a, b) => Math.max(a, b), 0);
      const quiet = `quiet ${format(first.quiet)} → ${format(last.quiet)}`;
      const busy = `busy ${format(first.busy)} → ${format(last.busy)}`;
      return `${name.padEnd(16)} ${columns(values)
        .map((value) => block(value, most))
        .join('')}  ${quiet}, ${busy}`;
    })
    .join('\n');
}

function columns(values: readonly number[]): number[] {
  const width = Math.min(COLUMNS, values.length);
  return Array.from({ length: width }, (_, i) =>
    quantile(values.slice(Math.floor((i * values.length) / width), Math.floor(((i + 1) * values.length) / width)), 0.5),
  );
}

function block(value: number, most: number): string {
  const step = most === 0 ? 0 : Math.round((value / most) * (BLOCKS.length - 1));
  return BLOCKS[step] ?? '▁';
}
