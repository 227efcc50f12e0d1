import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { tracked } from '../cleanup';
import type { Distance } from './line';
import type { Opened, Order } from './relay-process';

/** A process that puts hosts of this machine far away. */
export interface Far {
  /** How a host is called from here on. */
  open(host: string): Promise<string>;
  /** @param host as `open` called it */
  close(host: string): void;
  end(): Promise<void>;
}

export function startFar(distance: Distance): Far {
  const child = tracked(
    fork(join(__dirname, 'relay-process.ts'), {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      detached: true,
    }),
  );
  const exited = once(child, 'exit');
  const waiting = new Map<number, (opened: Opened) => void>();
  let orders = 0;
  child.on('message', (opened: Opened) => {
    waiting.get(opened.id)?.(opened);
    waiting.delete(opened.id);
  });
  child.once('exit', () => {
    for (const [id, resolve] of waiting) resolve({ id, error: 'its process ended' });
  });
  const order = (message: Order) => void child.send(message);
  return {
    open: (host) =>
      new Promise((resolve, reject) => {
        orders += 1;
        waiting.set(orders, ({ host: near, error }) =>
          near === undefined ? reject(new Error(`network: ${error}`)) : resolve(near),
        );
        order({ open: host, distance, id: orders });
      }),
    close: (host) => order({ close: host }),
    end: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
