import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { decode } from '@jridgewell/sourcemap-codec';
import { lastNotAfter } from './counts';

/** Where the places of source files went in a compiled text. */
export interface Compiled {
  /** Source files, relative to the root. */
  readonly files: readonly string[];
  /** Offsets in the compiled text of the first place at or after `start`, and before `end`, that is in it. */
  placesOf(file: string, start: number, end: number): readonly number[];
}

interface SourceMap {
  readonly mappings: string;
  readonly sources: readonly string[];
}

/** What jest compiled: its wrapper around the text, the source map at the end. */
export function compiledByJest(text: string): Compiled {
  const map = /\/\/# sourceMappingURL=data:application\/json;[^,]*base64,([A-Za-z0-9+/=]+)/.exec(text)?.[1];
  if (map === undefined) throw new Error('coverage: got a text of jest without a source map');
  const wrapper = /^\(\{"Object\.<anonymous>":function\([^)]*\)\{/.exec(text)?.[0].length ?? 0;
  return compiled(text, JSON.parse(Buffer.from(map, 'base64').toString('utf8')), '.', wrapper);
}

/** A bundle with its source map beside it. */
export function compiledBundle(path: string): Compiled {
  return compiled(readFileSync(path, 'utf8'), JSON.parse(readFileSync(`${path}.map`, 'utf8')), dirname(path), 0);
}

/** A place of a source file, and where it is in the compiled text. */
type Pair = readonly [source: number, compiled: number];

function compiled(text: string, map: SourceMap, folder: string, wrapper: number): Compiled {
  const files = map.sources.map((source) => relative('.', resolve(folder, source)));
  const sourceLines = files.map((file) => (isOurs(file) ? lineStarts(readFileSync(file, 'utf8')) : undefined));
  const pairs = new Map<string, Pair[]>();
  const starts = lineStarts(text);
  decode(map.mappings).forEach((segments, line) => {
    const start = (starts[line] ?? 0) + (line === 0 ? wrapper : 0);
    for (const [column, source, sourceLine, sourceColumn] of segments) {
      const lines = source === undefined ? undefined : sourceLines[source];
      if (lines === undefined || sourceLine === undefined || sourceColumn === undefined) continue;
      const file = files[source as number] as string;
      const pair: Pair = [(lines[sourceLine] ?? 0) + sourceColumn, start + column];
      const known = pairs.get(file);
      if (known === undefined) pairs.set(file, [pair]);
      else known.push(pair);
    }
  });
  for (const list of pairs.values()) list.sort(([a], [b]) => a - b);
  const places = new Map([...pairs].map(([file, list]) => [file, list.map(([place]) => place)]));
  return {
    files: [...pairs.keys()],
    placesOf: (file, start, end) => {
      const sorted = places.get(file) ?? [];
      const first = lastNotAfter(sorted, start - 1) + 1;
      const place = sorted[first];
      if (place === undefined || place >= end) return [];
      const last = lastNotAfter(sorted, place);
      return (pairs.get(file) ?? []).slice(first, last + 1).map(([, offset]) => offset);
    },
  };
}

function isOurs(file: string): boolean {
  return !file.startsWith('..') && !file.includes('node_modules') && file.endsWith('.ts');
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
