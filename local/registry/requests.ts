/** What one request was, for tests and figures. Never holds a secret: no header, no body, no query. */
export interface RequestRecord {
  /** Where it arrived: the registry itself, or the place that blobs are redirected to. */
  readonly origin: 'registry' | 'bucket';
  readonly method: string;
  readonly path: string;
  readonly kind: 'ping' | 'manifest' | 'blob' | 'upload' | 'tags' | 'referrers' | 'token' | 'other';
  readonly repository?: string;
  /** Of the path, or of `?mount=` and `?digest=`. */
  readonly digest?: string;
  readonly tag?: string;
  /** `?from=` of a mount. */
  readonly from?: string;
  /** 0 until answered, and when the connection was dropped. */
  readonly status: number;
  /** Body bytes. */
  readonly received: number;
  readonly sent: number;
  readonly authorization: 'none' | 'basic' | 'bearer' | 'other';
  /** The user, or with Amazon ECR's personality the access key for which its token was issued. @default - nobody known */
  readonly caller?: string;
}

/** Instead of what the registry would do. */
export type Interception =
  /** This answer. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** The connection ends without an answer. */
  | { readonly drop: true }
  /** The registry's answer, and the connection ends after so many bytes of its body. */
  | { readonly cutAfter: number }
  /** The registry's answer with this byte of its body inverted. */
  | { readonly corruptAt: number };

/** The record while its request is served. */
export type OpenRecord = { -readonly [K in keyof RequestRecord]: RequestRecord[K] };

const LONGEST = 100_000;

/** Keeps a record; the older half goes when there are too many. */
export function keep(records: OpenRecord[], record: OpenRecord): void {
  if (records.length >= LONGEST) records.splice(0, LONGEST / 2);
  records.push(record);
}

/** How often each blob or manifest was read, by digest: requests that were answered with its bytes. */
export function reads(records: readonly RequestRecord[], kind: 'blob' | 'manifest' = 'blob'): Map<string, number> {
  const counts = new Map<string, number>();
  for (const record of records) {
    const served = record.method === 'GET' && (record.status === 200 || record.status === 206);
    const key = record.digest ?? record.tag;
    if (served && record.kind === kind && key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

export function authorizationKind(header: string | undefined): RequestRecord['authorization'] {
  if (header === undefined) return 'none';
  const scheme = header.slice(0, header.indexOf(' ')).toLowerCase();
  return scheme === 'basic' || scheme === 'bearer' ? scheme : 'other';
}
