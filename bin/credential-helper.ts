import type { ExecFileException } from 'node:child_process';
import { EngineError } from '../engine/errors';
import type { Credential } from '../engine/ports';
import { show } from '../lib/model/invalid';

/** A credential that should be there and could not be read. Says which helper or file, and never a secret. */
export class CredentialUnavailable extends EngineError {
  readonly failure = 'denied';
  constructor(message: string) {
    super('CREDENTIAL_UNAVAILABLE', message);
  }
}

type Env = Readonly<Record<string, string | undefined>>;

/** What a program's name may consist of. The name comes from a file and is run. */
const NAME = /^[a-z0-9][a-z0-9._-]*$/i;
const TIMEOUT = 60_000;
const LARGEST_OUTPUT = 64 * 1024;
/** Docker's marker for a password that is an identity token. */
const TOKEN_USER = '<token>';

/**
 * Asks `docker-credential-<name> get`. Undefined when the helper knows nothing of the server.
 *
 * @param server as Docker keys it: `https://index.docker.io/v1/` for Docker Hub, else the registry
 * @throws CredentialUnavailable
 */
export async function askHelper(name: string, server: string, env: Env): Promise<Credential | undefined> {
  if (!NAME.test(name)) {
    throw new CredentialUnavailable(
      `credential helper: got the name ${show(name)}; letters, digits, dots, dashes and underscores would do`,
    );
  }
  const program = `docker-credential-${name}`;
  const answer = await run(program, server, env);
  if (answer.error !== null) {
    if (/credentials not found/i.test(answer.stdout)) return undefined;
    throw new CredentialUnavailable(`${program}: credential of ${server}: ${complaint(program, answer)}`);
  }
  return parseAnswer(program, server, answer.stdout);
}

interface Answer {
  readonly error: ExecFileException | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(program: string, server: string, env: Env): Promise<Answer> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    const options = { env, timeout: TIMEOUT, maxBuffer: LARGEST_OUTPUT, windowsHide: true };
    const child = execFile(program, ['get'], options, (error, stdout, stderr) => resolve({ error, stdout, stderr }));
    // A helper that ends without reading breaks the pipe; its exit code says more.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(server);
  });
}

function complaint(program: string, { error, stdout, stderr }: Answer): string {
  if (error?.code === 'ENOENT') return `got no such program; ${program} on the PATH would do`;
  if (error?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `got more than ${LARGEST_OUTPUT} bytes`;
  if (error?.killed === true) return `got no answer within ${TIMEOUT / 1000} s`;
  // By the protocol the message is on stdout; what looks like an answer may hold a secret.
  const said = [stdout, stderr].map((text) => text.trim()).find((text) => text !== '' && !/secret|[{}]/i.test(text));
  return `got exit status ${error?.code ?? 'unknown'}${said === undefined ? '' : `, ${show(said)}`}`;
}

function parseAnswer(program: string, server: string, text: string): Credential | undefined {
  let answer: { readonly Username?: unknown; readonly Secret?: unknown } | null;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new CredentialUnavailable(`${program}: credential of ${server}: got an answer that is not JSON`);
  }
  const { Username: username, Secret: secret } = answer ?? {};
  if (typeof username !== 'string' || typeof secret !== 'string') {
    throw new CredentialUnavailable(`${program}: credential of ${server}: got an answer without Username and Secret`);
  }
  if (secret === '') return undefined;
  return username === TOKEN_USER ? { kind: 'identity', token: secret } : { kind: 'basic', username, password: secret };
}
