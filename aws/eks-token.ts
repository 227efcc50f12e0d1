import { createHash, createHmac } from 'node:crypto';

/** Keys as the SDK finds them. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Seconds for which the request in a token may be sent; Amazon EKS takes 15 minutes at most. */
const VALID_FOR = 60;
const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * What the Kubernetes API of an Amazon EKS cluster takes for a bearer token: a request to AWS STS that asks whose keys these are,
 * signed for this cluster and not sent (Amazon EKS User Guide, "cluster authentication"; Signature Version 4 in the query).
 *
 * @param host of AWS STS in the cluster's region
 */
export function eksToken(
  { cluster, region, host }: { readonly cluster: string; readonly region: string; readonly host: string },
  { accessKeyId, secretAccessKey, sessionToken }: Keys,
  now: number,
): string {
  const time = `${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const scope = `${time.slice(0, 8)}/${region}/sts/aws4_request`;
  const query = canonicalQuery({
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(VALID_FOR),
    'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
    ...(sessionToken === undefined ? {} : { 'X-Amz-Security-Token': sessionToken }),
  });
  const headers = `host:${host}\nx-k8s-aws-id:${cluster}\n`;
  const request = ['GET', '/', query, headers, 'host;x-k8s-aws-id', sha256('')].join('\n');
  const toSign = [ALGORITHM, time, scope, sha256(request)].join('\n');
  const key = [time.slice(0, 8), region, 'sts', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  const url = `https://${host}/?${query}&X-Amz-Signature=${hmac(key, toSign).toString('hex')}`;
  return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;
}

function canonicalQuery(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort()
    .join('&');
}

/** RFC 3986: all but letters, digits and `-._~`. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
