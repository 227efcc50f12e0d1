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

/** A token bucket for each call, holding one second's worth. @param scale undefined: no throttling. */
export function newBuckets(scale: number | undefined, clock: Clock): (call: RegistryCall) => void {
  if (scale === undefined) return () => undefined;
  const buckets = new Map<RegistryCall, { level: number; at: number }>();
  return (call) => {
    const rate = QUOTAS[call] * scale;
    const most = Math.max(rate, 1);
    const now = clock.now();
    const bucket = buckets.get(call) ?? { level: most, at: now };
    const level = Math.min(most, bucket.level + ((now - bucket.at) / 1000) * rate);
    buckets.set(call, { level: level >= 1 ? level - 1 : level, at: now });
    if (level < 1) throw new Fault(429, 'TOOMANYREQUESTS', 'Rate exceeded');
  };
}
