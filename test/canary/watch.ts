import type { BufferedConsole } from '@jest/console';
import { inspect, inspecting } from '../../local/canary';

type End = () => void;

/** Looks at what this process itself writes to its outputs. */
export function watchOutputs(): End {
  const endings = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const { write } = stream;
    const look = inspecting(`what the tests wrote to ${name}`);
    stream.write = function (this: typeof stream, ...args: unknown[]) {
      look(args[0] as string | Uint8Array);
      return write.apply(this, args as Parameters<typeof write>);
    } as typeof write;
    return () => {
      stream.write = write;
    };
  });
  return () => {
    for (const end of endings) end();
  };
}

/**
 * Looks at what has gone to a console of jest since the last time. One that does not keep it writes it to an output.
 */
export function consoleWatcher(console: Partial<BufferedConsole>): () => void {
  let looked = 0;
  return () => {
    const entries = console.getBuffer?.() ?? [];
    for (const { type, message } of entries.slice(looked)) inspect(`console.${type}`, message);
    looked = entries.length;
  };
}

const KINDS = ['Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'] as const;
type Kinds = Record<(typeof KINDS)[number], ErrorConstructor>;

/** Looks at the message of each error that is made, whatever becomes of it. */
export function watchErrors(global: Kinds): void {
  const look = ([message]: readonly unknown[]) => {
    if (typeof message === 'string') inspect('the message of an error', message);
  };
  for (const kind of KINDS) {
    global[kind] = new Proxy(global[kind], {
      construct(target, args, newTarget) {
        look(args);
        return Reflect.construct(target, args, newTarget);
      },
      apply(target, self, args) {
        look(args);
        return Reflect.apply(target, self, args);
      },
    });
  }
}
