import { printable } from '../lib/model/invalid';

/** One line of JSON a fact worth knowing. Names of fields are ours; values may come from outside, secrets never do. */
export type Log = (event: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Text longer than this is cut: a log line is for people. */
const LONGEST = 2_000;

export function jsonLog(write: (line: string) => void): Log {
  return (event, fields = {}) => write(JSON.stringify({ event, ...fields }, safe));
}

function safe(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? printable(value).slice(0, LONGEST) : value;
}
