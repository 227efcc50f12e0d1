import { readFileSync } from 'node:fs';
import type { Compiled } from './compiled';
import type { Counts } from './counts';
import { type Branch, type Point, type Points, pointsOf } from './points';

/** What of a source file was executed so far. */
export class FileCoverage {
  readonly #points: Points;
  readonly #seen = { statements: new Map<Point, boolean>(), branches: new Map<Branch, boolean>() };
  #loaded = false;

  constructor(readonly path: string) {
    this.#points = pointsOf(path, readFileSync(path, 'utf8'));
  }

  /** Counts of one run of a script that this file was compiled into. */
  add(compiled: Compiled, counts: Counts): void {
    const count = (point: Point): number | undefined => {
      const places = compiled.placesOf(this.path, point.start, point.end);
      if (places.length === 0) return undefined;
      return Math.max(...places.map((place) => (point.isFunction ? counts.ofFunctionAt(place) : counts.at(place))));
    };
    this.#loaded = true;
    for (const statement of this.#points.statements) note(this.#seen.statements, statement, count(statement));
    for (const branch of this.#points.branches) {
      const gone = count(branch.point);
      const came = branch.from === undefined || gone === undefined ? undefined : count(branch.from);
      note(this.#seen.branches, branch, came === undefined || gone === undefined ? gone : came - gone);
    }
  }

  /** Lines on which a statement begins, and whether one of them was executed. */
  lines(): ReadonlyMap<number, boolean> {
    const lines = new Map<number, boolean>();
    for (const [{ line }, hit] of this.#known(this.#points.statements, this.#seen.statements)) {
      lines.set(line, (lines.get(line) ?? false) || hit);
    }
    return lines;
  }

  /** Ways that branches can go: the line of each, and whether it was gone. */
  branches(): readonly { readonly line: number; readonly hit: boolean; readonly otherwise: boolean }[] {
    const known = this.#known(this.#points.branches, this.#seen.branches);
    return known.map(([{ point, from }, hit]) => ({ line: (from ?? point).line, hit, otherwise: from !== undefined }));
  }

  /** What no compilation has a place for cannot be executed; of a file that was never loaded, nothing was. */
  #known<T>(points: readonly T[], seen: ReadonlyMap<T, boolean>): (readonly [T, boolean])[] {
    return points
      .filter((point) => seen.has(point) || !this.#loaded)
      .map((point) => [point, seen.get(point) ?? false] as const);
  }
}

function note<T>(seen: Map<T, boolean>, point: T, count: number | undefined): void {
  if (count !== undefined) seen.set(point, (seen.get(point) ?? false) || count > 0);
}
