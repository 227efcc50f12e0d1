import { type AwsClients, awsClients, type ClientOptions } from '../aws/clients';
import { findDeployed } from '../aws/deployed';
import { awsFailure } from '../aws/errors';
import type { Item, Table } from '../aws/items';
import { pages } from '../aws/mirror-table';
import { readSettings as readMirrorSettings } from '../aws/settings';
import { EngineError } from '../engine/errors';
import { InvalidValue } from '../lib/model/invalid';
import type { ParsedRow } from '../lib/model/mirror';
import { parseRow } from '../lib/model/mirror-row';
import type { MirrorSettings } from '../lib/model/settings';
import type { FlagValues } from './arguments';
import { awsOptions } from './aws-options';
import type { Io } from './io';
import { proxyAgents } from './proxy';
import type { Settings } from './settings';
import { UsageError } from './usage';

/** A deployed mirror, as its people may use it. */
export interface Stack {
  /** As it was named. */
  readonly name: string;
  readonly clients: AwsClients;
  /** How AWS is reached. */
  readonly options: ClientOptions;
  readonly mirrors: Table;
  readonly copies: Table;
  readonly controller: string;
  /** What rows may ask for, and where they go. */
  readonly settings: MirrorSettings;
  close(): void;
}

export interface StackOptions {
  /** Milliseconds that an answer of AWS may take. @default - as long as a table may */
  readonly idleTimeout?: number;
}

/** The name of the stack: of `--stack`, or of the environment. */
export function stackFlag({ stack }: FlagValues, { env }: Pick<Io, 'env'>): string | undefined {
  return typeof stack === 'string' ? stack : env.ECR_MIRROR_STACK || undefined;
}

/** @throws UsageError, InvalidValue, EngineError */
export async function openStack(
  command: string,
  flags: FlagValues,
  settings: Settings,
  io: Io,
  { idleTimeout }: StackOptions = {},
): Promise<Stack> {
  const name = stackFlag(flags, io);
  if (name === undefined) {
    throw new UsageError(`${command}: got no stack; --stack NAME, or ECR_MIRROR_STACK in the environment, would do`);
  }
  const agent = await proxyAgents(io.env, settings.ca);
  const region = /^arn:[\w-]+:cloudformation:([\w-]+):/.exec(name)?.[1];
  const options = { ...awsOptions(settings, agent), ...(region === undefined ? {} : { region }) };
  const found = await findDeployed(options, name);
  const clients = awsClients({ ...options, ...(idleTimeout === undefined ? {} : { idleTimeout }) });
  try {
    const table = (tableName: string): Table => ({ name: tableName, documents: clients.documents() });
    return {
      name,
      clients,
      options,
      mirrors: table(found.mirrorsTable),
      copies: table(found.copiesTable),
      controller: found.controllerFunction,
      settings: await settingsOf(name, found.settingsParameter, clients),
      close: () => clients.close(),
    };
  } catch (error) {
    clients.close();
    throw error;
  }
}

async function settingsOf(stack: string, parameter: string | undefined, clients: AwsClients): Promise<MirrorSettings> {
  if (parameter === undefined) {
    throw new InvalidValue(
      'stack',
      stack,
      'one that was deployed by this version would do: its outputs name its settings',
    );
  }
  return readMirrorSettings(clients.parameters(), parameter);
}

/** A row with what the table says. */
export interface WrittenRow {
  readonly item: Item;
  readonly row: ParsedRow;
}

/** All rows, in the order of their keys. */
export async function readRows({ mirrors, settings }: Stack): Promise<readonly WrittenRow[]> {
  const rows = await asking(`read table ${mirrors.name}`, async () => {
    const found: WrittenRow[] = [];
    for await (const page of pages(mirrors)) {
      found.push(...page.rows.map((item) => ({ item, row: parseRow(item, { mapping: settings.mapping }) })));
    }
    return found;
  });
  return rows.sort((a, b) => (a.row.key < b.row.key ? -1 : 1));
}

/** What AWS says of a failure, as one of ours that has an exit code. @param what is done, for the message */
export async function asking<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw cause instanceof EngineError || cause instanceof InvalidValue ? cause : awsFailure(what, cause);
  }
}
