import { isEcrPublic, parseEcrHost } from './ecr-host';

/** A published limit of requests a second that all who push to a place share. */
export interface Quota {
  /** Of whom, where and for what: `123456789012#eu-west-1#PutImage`. */
  readonly key: string;
  /** Requests a second, as AWS grants them to every account. */
  readonly rate: number;
  /** Requests a second that each process may send without asking: so few that those of many are not the quota's end. */
  readonly free: number;
}

/** A request as far as quotas go. */
export interface CountedRequest {
  /** Canonical registry: `123456789012.dkr.ecr.eu-west-1.amazonaws.com`. */
  readonly registry: string;
  readonly method: string;
  readonly kind: string;
  /** Whose credential goes with it, where there is one: who pulls is counted by that. */
  readonly account?: string;
}

type Counted = 'PutImage' | 'InitiateLayerUpload';

/** Amazon ECR user guide, "Service quotas": an account and region. */
const PRIVATE: Readonly<Record<Counted, number>> = { PutImage: 10, InitiateLayerUpload: 100 };
/** Of the quota, if that is more than one request: sixteen processes together keep below it with what is free. */
const FREE = 1 / 20;
/** Amazon ECR Public user guide, "Service quotas". Its host does not tell whose a repository is: one budget for all. */
const PUBLIC: Readonly<Record<Counted, number>> = { PutImage: 10, InitiateLayerUpload: 10 };

/**
 * The quota that a request counts against, if it is one that a mirror comes near to. Reading has hundreds of times as much;
 * CompleteLayerUpload has what InitiateLayerUpload has, and every upload that ends has begun, so one of them is enough.
 */
export function quotaOf({ registry, method, kind }: CountedRequest): Quota | undefined {
  const operation = operationOf(method, kind);
  if (operation === undefined) return undefined;
  const ecr = parseEcrHost(registry);
  if (ecr !== undefined) return quota(`${ecr.account}#${ecr.region}#${operation}`, PRIVATE[operation]);
  return isEcrPublic(registry) ? quota(`${registry}#-#${operation}`, PUBLIC[operation]) : undefined;
}

function quota(key: string, rate: number): Quota {
  return { key, rate, free: Math.floor(rate * FREE) };
}

function operationOf(method: string, kind: string): Counted | undefined {
  if (method === 'PUT' && kind === 'manifest') return 'PutImage';
  return method === 'POST' && kind === 'upload' ? 'InitiateLayerUpload' : undefined;
}
