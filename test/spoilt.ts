import fc from 'fast-check';

/** Documents that are almost right: what parsers from outside are tried with. */

type Path = readonly (string | number)[];

/** Any JSON value, and now and then one of those that JavaScript treats in its own way. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    '',
    '__proto__',
    'constructor',
    -1,
    1e308,
    2 ** 53,
    [],
    {},
    [[]],
    '\u0000\u001b[2J\u2028',
    null,
  ),
);

/** A good document in which one place holds something else, is gone, or has a neighbour that is unknown. */
export function spoilt(good: unknown): fc.Arbitrary<unknown> {
  const change = fc.oneof(
    fc.record({ kind: fc.constant('replaced' as const), value: anyJson }),
    fc.record({ kind: fc.constant('gone' as const) }),
    fc.record({ kind: fc.constant('beside' as const), value: anyJson }),
  );
  return fc.tuple(fc.constantFrom(...pathsIn(good)), change).map(([path, how]) => changed(good, path, how));
}

type Change = { readonly kind: 'replaced' | 'beside'; readonly value: unknown } | { readonly kind: 'gone' };

function changed(value: unknown, [step, ...rest]: Path, change: Change): unknown {
  if (step === undefined) return change.kind === 'gone' ? undefined : change.value;
  if (Array.isArray(value)) {
    const at = Number(step);
    const item = rest.length === 0 && change.kind === 'gone' ? [] : [changed(value[at], rest, change)];
    const kept = rest.length === 0 && change.kind === 'beside' ? [value[at]] : [];
    return [...value.slice(0, at), ...kept, ...item, ...value.slice(at + 1)];
  }
  const map = value as Record<string, unknown>;
  if (rest.length > 0) return { ...map, [step]: changed(map[step], rest, change) };
  if (change.kind === 'beside') return { ...map, [`${step}2`]: change.value };
  const others = Object.entries(map).filter(([name]) => name !== step);
  return Object.fromEntries(change.kind === 'gone' ? others : [...others, [step, change.value]]);
}

function pathsIn(value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([name, inner]) => pathsIn(inner).map((path) => [name, ...path]))];
}

/** Runs a step: whatever it is given it has a result, or throws one line that is safe to show, as one of these errors. */
export function resultOrLine<T>(run: () => T, ...names: readonly string[]): T | undefined {
  try {
    return run();
  } catch (error) {
    expectLine(error, ...names);
    return undefined;
  }
}

export function expectLine(error: unknown, ...names: readonly string[]): void {
  expect(names).toContain((error as Error).name);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is the point
  expect((error as Error).message).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,1000}$/);
}
