import childProcess, { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { inspect, inspecting } from '../../local/canary';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Puts something in the place of a method, which it is given; returns what puts it back. */
function wrap(owner: object, name: string, around: (method: Method) => Method): () => void {
  const methods = owner as Record<string, Method>;
  const method = methods[name] as Method;
  methods[name] = around(method);
  return () => {
    methods[name] = method;
  };
}

/**
 * Looks at what processes that are started here say: outputs, messages, and the arguments that all users of a machine can
 * see. Workers, functions and command lines of the tests are such processes.
 */
export function watchProcesses(): () => void {
  const endings = [
    wrap(
      ChildProcess.prototype,
      'spawn',
      (spawn) =>
        function (this: unknown, ...args) {
          const [{ args: command = [] } = {}] = args as [{ args?: readonly string[] }?];
          const result = spawn.apply(this, args);
          watchChild(this as ChildProcess, command);
          return result;
        },
    ),
    ...['spawnSync', 'execFileSync', 'execSync'].map((name) => wrap(childProcess, name, afterwards)),
  ];
  return () => {
    for (const end of endings) end();
  };
}

function watchChild(child: ChildProcess, command: readonly string[]): void {
  const name = command
    .slice(1)
    .map((part) => part.slice(part.lastIndexOf('/') + 1))
    .join(' ')
    .slice(0, 80);
  inspect('the arguments of a process', command.join(' '));
  const [, ...outputs] = child.stdio ?? [];
  // A credential helper answers with a credential.
  const [helper] = /docker-credential-[\w-]+$/.exec(command[0] ?? '') ?? [];
  outputs.forEach((output, index) => {
    // Whoever reads it does so as before: a listener would take the first of it away.
    const stream = output as Readable | null | undefined;
    if (typeof stream?.push !== 'function' || (helper !== undefined && index === 0)) return;
    const look = inspecting(`output ${index + 1} of ${name}`);
    wrap(
      stream,
      'push',
      (push) =>
        function (this: unknown, ...args) {
          if (args[0] !== null) look(args[0] as string | Uint8Array);
          return push.apply(this, args);
        },
    );
  });
  wrap(
    child,
    'emit',
    (emit) =>
      function (this: unknown, ...args) {
        if (args[0] === 'message') inspect(`a message of ${name}`, JSON.stringify(args[1]) ?? '');
        return emit.apply(this, args);
      },
  );
}

/** Looks at what a process has said that was waited for. */
function afterwards(method: Method): Method {
  const look = (said: unknown) => {
    const { stdout, stderr } = (said ?? {}) as { stdout?: unknown; stderr?: unknown };
    inspect(
      'the output of a process',
      [said, stdout, stderr].map((one) => (isText(one) ? String(one) : '')).join('\n'),
    );
  };
  return function (this: unknown, ...args) {
    try {
      const said = method.apply(this, args);
      look(said);
      return said;
    } catch (error) {
      look(error);
      throw error;
    }
  };
}

function isText(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array;
}
