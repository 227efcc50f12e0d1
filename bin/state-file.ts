import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { show } from '../lib/model/invalid';
import { UsageError } from './usage';

/** What is remembered about a row between runs. */
export interface RowState {
  /** When it was last looked at, in milliseconds since the epoch. */
  readonly checked: number;
  /** Something of it failed then. */
  readonly failed?: boolean;
  /** Since when it waits for pulls of its source, in milliseconds since the epoch. */
  readonly putOff?: number;
  /** What the parts of images that it wants come to, by source digest and platforms. */
  readonly parts?: Readonly<Record<string, string>>;
}

/** Memory beside a file of mirrors, by the rows' keys. */
export type State = Map<string, RowState>;

/** A part of a state file that is none about rows. */
export type Section = 'seen' | 'copies';

const KIND = 'ecr-mirror state';
const VERSION = 1;

/** Reads a state file; one that is not there is an empty memory. @throws UsageError when the file is something else */
export async function readState(file: string): Promise<State> {
  const { rows } = await readDocument(file);
  return new Map(Object.entries(rows).flatMap(([key, row]) => (isRowState(row) ? [[key, row]] : [])));
}

/** Replaces what a state file says about rows, in one step. */
export async function writeState(file: string, state: State): Promise<void> {
  await writeDocument(file, { ...(await readDocument(file)), rows: Object.fromEntries(state) });
}

/** Reads another part of a state file. @throws UsageError when the file is something else */
export async function readSection(file: string, section: Section): Promise<ReadonlyMap<string, unknown>> {
  return new Map(Object.entries((await readDocument(file))[section] ?? {}));
}

/** Replaces another part of a state file, in one step. */
export async function writeSection(
  file: string,
  section: Section,
  values: ReadonlyMap<string, unknown>,
): Promise<void> {
  await writeDocument(file, { ...(await readDocument(file)), [section]: Object.fromEntries(values) });
}

/** What a state file holds: versions before had rows alone, and leave the rest out when they write. */
interface Document extends Partial<Record<Section, Readonly<Record<string, unknown>>>> {
  readonly rows: Readonly<Record<string, unknown>>;
}

async function readDocument(file: string): Promise<Document> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { rows: {} };
    throw new UsageError(
      `state file ${show(file)}: read: got ${code}; a file that this user may read would do`,
      'FILE_FAILED',
    );
  }
  const document = parse(text);
  // Written over, somebody's other file would be lost.
  if (document?.kind !== KIND || document.version !== VERSION || !isMap(document.rows)) {
    throw new UsageError(
      `state file ${show(file)}: got a file that is none; another name, or none at all, would do`,
      'FILE_FAILED',
    );
  }
  const { rows, seen, copies } = document;
  return { rows, ...(isMap(seen) ? { seen } : {}), ...(isMap(copies) ? { copies } : {}) };
}

async function writeDocument(file: string, document: Document): Promise<void> {
  const partial = `${file}.${randomUUID()}`;
  try {
    await writeFile(partial, `${JSON.stringify({ kind: KIND, version: VERSION, ...document }, undefined, 1)}\n`);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `state file ${show(file)}: write: got ${code}; a file that this user may write would do`,
      'FILE_FAILED',
    );
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return isMap(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRowState(value: unknown): value is RowState {
  return (
    isMap(value) && Number.isFinite(value.checked) && (value.putOff === undefined || Number.isFinite(value.putOff))
  );
}
