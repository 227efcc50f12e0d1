import { show } from '../lib/model/invalid';
import { isMap, type Json, type JsonMap, listOf } from './template/value';

/** A pattern of EventBridge, checked; it says whether an event matches. */
export type EventPattern = (event: Json) => boolean;

type Condition = (value: Json | undefined) => boolean;

/**
 * Event patterns as EventBridge and event source mappings match them: exact values, `prefix`, `suffix`, `wildcard`,
 * `equals-ignore-case`, `anything-but`, `exists`, `numeric` and `$or`. An array in the event matches when one of its
 * values does.
 *
 * @throws Error for a pattern that is malformed or holds an operator not listed here (`cidr`).
 */
export function readPattern(pattern: Json): EventPattern {
  if (!isMap(pattern)) throw new Error(`event pattern: got ${show(pattern)}; a map would do`);
  const fields = Object.entries(pattern).map(([name, inner]) =>
    name === '$or' ? anyOf(listOf(inner).map(readPattern)) : field(name, inner),
  );
  return (event) => fields.every((matches) => matches(event));
}

const anyOf =
  (patterns: readonly EventPattern[]): EventPattern =>
  (event) =>
    patterns.some((matches) => matches(event));

function field(name: string, inner: Json): EventPattern {
  if (isMap(inner)) {
    const matches = readPattern(inner);
    return (event) => {
      const value = isMap(event) ? event[name] : undefined;
      return Array.isArray(value) ? value.some((item) => matches(item)) : matches(value ?? {});
    };
  }
  if (!Array.isArray(inner) || inner.length === 0) {
    throw new Error(`event pattern: ${name}: got ${show(inner)}; a list of values would do`);
  }
  const conditions = inner.map((item) => condition(item));
  return (event) => {
    const value = isMap(event) ? event[name] : undefined;
    return conditions.some((holds) => holds(value));
  };
}

/** Holds for a value, or for any value of a list. */
function forEach(holds: (value: Json) => boolean): Condition {
  return (value) => {
    if (value === undefined) return false;
    return Array.isArray(value) ? value.some((item) => holds(item)) : holds(value);
  };
}

const forText = (holds: (text: string) => boolean) => forEach((value) => typeof value === 'string' && holds(value));

const OPERATORS: Readonly<Record<string, (argument: Json) => Condition>> = {
  prefix: (argument) => {
    const fold = folded(argument);
    return forText((text) => fold(text).startsWith(fold(textIn(argument))));
  },
  suffix: (argument) => {
    const fold = folded(argument);
    return forText((text) => fold(text).endsWith(fold(textIn(argument))));
  },
  wildcard: (argument) => {
    const expression = wildcard(String(argument));
    return forText((text) => expression.test(text));
  },
  'equals-ignore-case': (argument) => forText((text) => text.toLowerCase() === String(argument).toLowerCase()),
  exists: (argument) => (value) => (value !== undefined) === argument,
  numeric: (argument) => forEach((value) => typeof value === 'number' && compares(value, listOf(argument))),
  'anything-but': (argument) => anythingBut(argument),
};

function condition(item: Json): Condition {
  if (!isMap(item)) return forEach((value) => value === item);
  const [operator, ...more] = Object.keys(item);
  const make = operator === undefined || more.length > 0 ? undefined : OPERATORS[operator];
  if (make === undefined || operator === undefined) {
    throw new Error(
      `event pattern: got ${show(JSON.stringify(item))}; one of ${Object.keys(OPERATORS).join(', ')} would do`,
    );
  }
  return make(item[operator] as Json);
}

/** Not one of these values, or not matching the operator; the field must be there. */
function anythingBut(argument: Json): Condition {
  const excluded = isMap(argument)
    ? Object.entries(argument).flatMap(([operator, values]) =>
        (Array.isArray(values) ? values : [values]).map((value) => condition({ [operator]: value })),
      )
    : (Array.isArray(argument) ? argument : [argument]).map((value) => condition(value));
  return forEach((value) => !excluded.some((holds) => holds(value)));
}

/** `prefix` and `suffix` take `{"equals-ignore-case": text}` too. */
function folded(argument: Json): (text: string) => string {
  return isMap(argument) ? (text) => text.toLowerCase() : (text) => text;
}

function textIn(argument: Json): string {
  return String(isMap(argument) ? argument['equals-ignore-case'] : argument);
}

function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

function compares(value: number, argument: readonly Json[]): boolean {
  const comparisons: Readonly<Record<string, (bound: number) => boolean>> = {
    '=': (bound) => value === bound,
    '>': (bound) => value > bound,
    '>=': (bound) => value >= bound,
    '<': (bound) => value < bound,
    '<=': (bound) => value <= bound,
  };
  for (let at = 0; at < argument.length; at += 2) {
    const compare = comparisons[String(argument[at])];
    if (compare === undefined || !compare(Number(argument[at + 1]))) return false;
  }
  return argument.length > 0;
}

/** An event as EventBridge delivers it. */
export function makeEvent(fields: {
  readonly source: string;
  readonly detailType: string;
  readonly detail: JsonMap;
  readonly account: string;
  readonly region: string;
  readonly resources?: readonly string[];
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}): JsonMap {
  return {
    version: '0',
    id: fields.id,
    'detail-type': fields.detailType,
    source: fields.source,
    account: fields.account,
    time: new Date(fields.time).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: fields.region,
    resources: fields.resources ?? [],
    detail: fields.detail,
  };
}
