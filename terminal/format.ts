import { beginning, ending, widthOf } from './width';

/** Bytes for people, in units of 1000: `0 B`, `999 B`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A time span for people: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 7 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A time span that is guessed, for people, as exactly as a guess may be: `45 s`, `3 min 20 s`, `12 min`, `1 h 5 min`. */
export function formatLeft(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 600) return formatSeconds(Math.round(whole / 10) * 10).replace(' 0 s', '');
  if (whole < 3600) return `${Math.round(whole / 60)} min`;
  return formatSeconds(whole).replace(' 0 min', '');
}

/** How long ago, for people, in one unit: `12 s`, `5 min`, `3 h`, `4 d`. */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 48 * 3600) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86_400)} d`;
}

/** Text in at most so many columns: the middle gives way, because names differ at their ends. */
export function shorten(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 1) return beginning(text, columns);
  const tail = Math.ceil((columns - 1) * 0.7);
  return `${beginning(text, columns - 1 - tail)}…${ending(text, tail)}`;
}

/**
 * Text in lines of at most so many columns, broken at spaces; a longer word stays whole.
 *
 * @param indent what every line after the first begins with
 */
export function wrap(text: string, columns: number, indent = ''): string[] {
  const margin = /^ */.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  let line = margin;
  for (const word of text.slice(margin.length).split(' ')) {
    const isFirst = line === (lines.length === 0 ? margin : indent);
    const longer = isFirst ? line + word : `${line} ${word}`;
    if (isFirst || widthOf(longer) <= columns) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = indent + word;
  }
  return [...lines, line];
}

/** `1 image`, `2 images`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}
