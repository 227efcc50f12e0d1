import { type Family, type Fault, refusing } from '../fault';
import { at, type Place } from '../target';

const EVERY: Place[] = [
  ...at('source', 'blob', 'manifest', 'head', 'token', 'tags', 'referrers'),
  ...at('destination', 'token', 'open', 'upload', 'push'),
];
const CORE: Place[] = [...at('source', 'blob', 'manifest', 'head'), ...at('destination', 'open', 'upload', 'push')];

const limits = (how: string, headers: () => Record<string, string>): Fault => ({
  name: `answers 429 ${how}`,
  places: how === 'without Retry-After' ? EVERY : CORE,
  strike: (exchange) => refusing(429, 'TOOMANYREQUESTS', 'slow down', headers())(exchange),
  always: /429/,
});

const storm = (status: number): Fault => ({
  name: `answers ${status}`,
  places: status === 503 ? EVERY : CORE,
  strike: refusing(status, 'UNKNOWN', 'the registry is not itself'),
  always: new RegExp(`${status}`),
});

const final = (status: number, code: string, says: RegExp): Fault => ({
  name: `answers ${status} ${code}`,
  places: [...at('source', 'blob', 'manifest', 'tags', 'token'), ...at('destination', 'open', 'push')],
  strike: refusing(status, code, 'not for you'),
  // A token may have run out: with another one it is asked once more.
  once: status === 400 ? says : { tags: says, token: says, rest: 'exact' },
  always: says,
});

/** Registries that do not want to, for now or for good. */
export const refusals: Family = {
  name: 'Refusals',
  faults: [
    limits('without Retry-After', () => ({})),
    limits('with seconds to wait', () => ({ 'retry-after': '7' })),
    limits('with a date to wait for', () => ({ 'retry-after': new Date(Date.now() + 9_000).toUTCString() })),
    limits('with ten years to wait', () => ({ 'retry-after': '315360000' })),
    limits('with a time to wait that is no time', () => ({ 'retry-after': 'soon, -1' })),
    ...[500, 502, 503, 504].map(storm),
    final(403, 'DENIED', /403 DENIED/),
    final(401, 'UNAUTHORIZED', /401/),
    final(400, 'UNSUPPORTED', /400/),
  ],
};
