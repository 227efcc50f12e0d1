import type { Clock } from '../../engine/ports';
import { Fault } from './fault';
import type { RegistryCall } from './personality';

/** Calls a second for an account and region (service quotas of Amazon ECR, defaults). */
const QUOTAS: Readonly<Record<RegistryCall, number>> = {
  BatchCheckLayerAvailability: 1000,
  BatchGetImage: 2000,
  CompleteLayerUpload: 100,
  GetAuthorizationToken: 500,
  GetDownloadUrlForLayer: 3000,
  InitiateLayerUpload: 100,
  PutImage: 10,
  UploadLayerPart: 500,
};

/** A share of the published quotas (0.1: a tenth of them), or calls a second for some of them; the others have what is published. */
export type Quotas = number | Readonly<Partial<Record<RegistryCall, number>>>;

/** A token bucket for each call, holding one second's worth. */
export interface Buckets {
  /** @throws Fault TOOMANYREQUESTS */
  spend(call: RegistryCall): void;
  /** From now on; undefined: no throttling. What is in the buckets stays, as far as they hold it. */
  limit(quotas: Quotas | undefined): void;
}

export function newBuckets(given: Quotas | undefined, clock: Clock): Buckets {
  const buckets = new Map<RegistryCall, { level: number; at: number }>();
  let quotas = given;
  const fill = (call: RegistryCall, rate: number) => {
    const most = Math.max(rate, 1);
    const now = clock.now();
    const bucket = buckets.get(call) ?? { level: most, at: now };
    return { level: Math.min(most, bucket.level + ((now - bucket.at) / 1000) * rate), at: now };
  };
  return {
    spend(call) {
      if (quotas === undefined) return;
      const { level, at } = fill(call, rateOf(quotas, call));
      buckets.set(call, { level: level >= 1 ? level - 1 : level, at });
      if (level < 1) throw new Fault(429, 'TOOMANYREQUESTS', 'Rate exceeded');
    },
    limit(next) {
      const before = quotas;
      if (before === undefined) buckets.clear();
      else for (const call of buckets.keys()) buckets.set(call, fill(call, rateOf(before, call)));
      quotas = next;
    },
  };
}

function rateOf(quotas: Quotas, call: RegistryCall): number {
  return typeof quotas === 'number' ? QUOTAS[call] * quotas : (quotas[call] ?? QUOTAS[call]);
}
