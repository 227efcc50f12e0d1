import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type JsonMap, mapOf } from '../../local/template/value';

/** MiniStack in a process of its own. */
export interface Emulator {
  readonly url: string;
  /**
   * An API by its target (`DynamoDB_20120810.Scan`) or its path.
   *
   * @throws Error when the emulator answers with one.
   */
  call(service: string, target: string, input?: JsonMap): Promise<JsonMap>;
  /** Ends it and all that it has started. */
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  readonly python: string;
  readonly account: string;
  readonly region: string;
  /** For what it writes, its log among that. */
  readonly folder: string;
  /** What the functions that it runs see, too. */
  readonly environment: Readonly<Record<string, string>>;
}

const READY_WITHIN = 60_000;
const LOOK_EVERY = 200;
const SHIM = join('scripts', 'emulator', 'shim.py');

/** @throws Error when it does not answer within a minute. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const process_ = run(options, port);
  const ended = new Promise<void>((resolve) => process_.once('exit', () => resolve()));
  const stop = async () => {
    endGroup(process_);
    await ended;
  };
  try {
    await ready(url, process_);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, call: (service, target, input) => call({ url, ...options }, service, target, input), stop };
}

function run({ python, account, region, folder, environment }: EmulatorOptions, port: number): ChildProcess {
  const temporary = join(folder, 'emulator');
  mkdirSync(temporary, { recursive: true });
  const child = spawn(python, [SHIM], {
    // A group of its own: the functions that it starts end with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '',
      HOME: temporary,
      TMPDIR: temporary,
      PYTHONDONTWRITEBYTECODE: '1',
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_ACCOUNT_ID: account,
      MINISTACK_REGION: region,
      ...environment,
    },
  });
  const log = createWriteStream(join(folder, 'emulator.log'));
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  return child;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + READY_WITHIN; Date.now() < deadline; ) {
    if (child.exitCode !== null) throw new Error(`the emulator ended with ${child.exitCode}`);
    const answer = await fetch(`${url}/_ministack/health`).catch(() => undefined);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
  throw new Error(`the emulator does not answer within ${READY_WITHIN / 1000} s`);
}

function endGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (exitCode === null && signalCode === null) throw error;
  }
}

/** Signed with nothing: the emulator looks at the scope alone. */
async function call(
  { url, account, region }: { readonly url: string; readonly account: string; readonly region: string },
  service: string,
  target: string,
  input?: JsonMap,
): Promise<JsonMap> {
  const isPath = target.startsWith('/');
  const scope = `${account}/20260101/${region}/${service}/aws4_request`;
  const answer = await fetch(`${url}${isPath ? target : '/'}`, {
    method: isPath && input === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      'content-type': 'application/x-amz-json-1.1',
      ...(isPath ? {} : { 'x-amz-target': target }),
    },
    ...(isPath && input === undefined ? {} : { body: JSON.stringify(input ?? {}) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${service} ${target}: got ${answer.status}: ${text.slice(0, 500)}`);
  return text === '' ? {} : mapOf(JSON.parse(text));
}
