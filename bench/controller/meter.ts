import { readdirSync, readFileSync } from 'node:fs';

/** What the processes that this one has started took, by Linux's own books. */
export interface ProcessMeter {
  /** Resident at most, in one process. MiB. */
  readonly peak: number;
  /** Of all of them together. Seconds. */
  readonly cpu: number;
  stop(): void;
}

const EVERY = 200;
/** Linux counts a process's time in hundredths of seconds wherever Node runs. */
const TICKS = 100;

/** @param named part of the command line of the processes that count */
export function meterChildren(named: string): ProcessMeter {
  const seen = new Map<string, { peak: number; cpu: number }>();
  const look = () => {
    for (const id of childrenOf(process.pid, named)) {
      const found = measure(id);
      if (found !== undefined) seen.set(id, found);
    }
  };
  const timer = setInterval(look, EVERY);
  const values = () => [...seen.values()];
  return {
    get peak() {
      return Math.max(0, ...values().map(({ peak }) => peak));
    },
    get cpu() {
      return values().reduce((sum, { cpu }) => sum + cpu, 0);
    },
    stop: () => {
      look();
      clearInterval(timer);
    },
  };
}

function childrenOf(parent: number, named: string): readonly string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.filter((id) => {
    try {
      return Number(statOf(id)[1]) === parent && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(named);
    } catch {
      return false;
    }
  });
}

/** The fields after the command's name, which may hold anything: state, parent, … (proc(5)). */
function statOf(id: string): readonly string[] {
  const text = readFileSync(`/proc/${id}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function measure(id: string): { readonly peak: number; readonly cpu: number } | undefined {
  try {
    const fields = statOf(id);
    const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    return { peak, cpu: (Number(fields[11]) + Number(fields[12])) / TICKS };
  } catch {
    return undefined;
  }
}
