/** A process of its own for a network: opens and closes relays as it is told, and ends with whoever started it. */
import type { Distance } from './line';
import { openRelay, type Relay } from './relay';

export type Order =
  | { readonly open: string; readonly distance: Distance; readonly id: number }
  | { readonly close: string };

export interface Opened {
  readonly id: number;
  readonly host?: string;
  readonly error?: string;
}

const relays = new Map<string, Relay>();

process.on('message', (order: Order) => {
  if ('close' in order) {
    relays.get(order.close)?.close();
    relays.delete(order.close);
    return;
  }
  openRelay(order.open, order.distance).then(
    (relay) => {
      relays.set(relay.host, relay);
      process.send?.({ id: order.id, host: relay.host } satisfies Opened);
    },
    (error: Error) => process.send?.({ id: order.id, error: error.message } satisfies Opened),
  );
});
process.once('disconnect', () => process.exit(0));
// Whoever started it ends it: Ctrl-C in a terminal reaches all of them.
process.on('SIGINT', () => {});
