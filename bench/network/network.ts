import { type Counter, startCounter, type Traffic } from './counting';
import { type Far, startFar } from './far';
import { WAN } from './line';

export type Side = 'source' | 'destination';

/** What is between a tool and the registries. */
export interface Network {
  /** How a tool calls a registry. */
  reach(host: string, side: Side): Promise<string>;
  /** Gives up what was reached, after each run. */
  leave(): Promise<void>;
  end(): Promise<void>;
}

export const NETWORKS = ['loopback', 'wan'] as const;
export type NetworkName = (typeof NETWORKS)[number];

export function openNetwork(name: NetworkName): Network {
  return name === 'wan' ? wideArea() : loopback();
}

function loopback(): Network {
  return { reach: async (host) => host, leave: async () => {}, end: async () => {} };
}

/** Each side is far away, in a process of its own. */
function wideArea(): Network {
  const sides: Readonly<Record<Side, Far>> = { source: startFar(WAN), destination: startFar(WAN) };
  let reached: { readonly side: Side; readonly host: string }[] = [];
  return {
    reach: async (real, side) => {
      const host = await sides[side].open(real);
      reached.push({ side, host });
      return host;
    },
    leave: async () => {
      for (const { side, host } of reached) sides[side].close(host);
      reached = [];
    },
    end: async () => {
      await Promise.all([sides.source.end(), sides.destination.end()]);
    },
  };
}

/** Loopback with a counter before each registry; what a run asked is there until the next one reaches for a registry. */
export interface CountingNetwork extends Network {
  traffic(side: Side): Traffic;
}

export function countingNetwork(): CountingNetwork {
  let counters: { readonly side: Side; readonly counter: Counter }[] = [];
  const leave = async () => {
    for (const { counter } of counters) await counter.close();
    counters = [];
  };
  return {
    reach: async (host, side) => {
      const counter = await startCounter(host);
      counters.push({ side, counter });
      return counter.host;
    },
    traffic: (side) => {
      const all = counters.filter((one) => one.side === side).map(({ counter }) => counter.traffic);
      const sum = (name: keyof Traffic) => all.reduce((total, traffic) => total + traffic[name], 0);
      return { requests: sum('requests'), received: sum('received'), sent: sum('sent') };
    },
    leave,
    end: leave,
  };
}
