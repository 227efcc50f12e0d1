import dns, { type LookupAddress, type LookupOptions } from 'node:dns';

/** Where names under `fault.test` are; every other name is looked up as usual. */
const ADDRESSES: Readonly<Record<string, readonly LookupAddress[]>> = {
  'metadata.fault.test': [{ address: '169.254.169.254', family: 4 }],
  'metadata6.fault.test': [{ address: '::ffff:169.254.169.254', family: 6 }],
  'private.fault.test': [{ address: '127.0.0.1', family: 4 }],
};

type Answer = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

const original = dns.lookup;
let users = 0;

/** Makes the names known to this process. @returns what lets them be forgotten */
export function knowNames(): () => void {
  if (users++ === 0) dns.lookup = lookup as typeof dns.lookup;
  return () => {
    if (--users === 0) dns.lookup = original;
  };
}

function lookup(name: string, options: LookupOptions, callback: Answer): void {
  const found = ADDRESSES[name];
  const [first] = found ?? [];
  if (first === undefined) original(name, options, callback);
  else if (options.all === true) setImmediate(callback, null, [...(found ?? [])]);
  else setImmediate(callback, null, first.address, first.family);
}
