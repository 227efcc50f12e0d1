import { CONNECTIONS, type NetworkCheck } from '../network/check';
import type { Distance } from '../network/line';

/** What the WAN is meant to be, and what it is. */
export function describeNetwork({ roundTrip, rate }: Distance, check: NetworkCheck): string {
  const megabits = (value: number) => `${(value / 1e6).toFixed(0)} Mbit/s`;
  return [
    `wan: ${roundTrip} ms, ${megabits(rate)} for each connection and direction`,
    `measured: HEAD ${check.head.median.toFixed(1)} ms (95 % within ${check.head.most.toFixed(1)})`,
    `with a new connection ${check.first.toFixed(1)} ms`,
    `download ${megabits(check.download)}, upload ${megabits(check.upload)}`,
    `${CONNECTIONS} at once ${megabits(check.each)} each`,
  ].join('; ');
}
