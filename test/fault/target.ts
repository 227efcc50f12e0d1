import type { Side } from '../../engine/errors';

/** What a request to a registry is for, as far as faults tell them apart. */
export type Target =
  /** GET of a blob. */
  | 'blob'
  /** GET of a manifest. */
  | 'manifest'
  /** HEAD of a manifest. */
  | 'head'
  /** HEAD of a blob. */
  | 'look'
  | 'tags'
  | 'referrers'
  | 'token'
  /** POST that opens an upload. */
  | 'open'
  /** POST that asks for a mount. */
  | 'mount'
  /** PUT of a blob's bytes. */
  | 'upload'
  /** PUT of a manifest. */
  | 'push'
  | 'other';

export interface Place {
  readonly side: Side;
  readonly target: Target;
}

/** Shorthand for tables: `at('source', 'blob', 'manifest')`. */
export function at(side: Side, ...targets: readonly Target[]): Place[] {
  return targets.map((target) => ({ side, target }));
}

export function formatPlace({ side, target }: Place): string {
  return `${side} ${target}`;
}

/** What is asked for, whichever upload session it is about. */
export function askedFor(method: string, path: string): string {
  return `${method} ${path.replace(/[0-9a-f-]{36}/, '…')}`;
}

export function targetOf(method: string, path: string): Target {
  const { pathname, searchParams } = new URL(path, 'http://registry');
  if (pathname === '/token') return 'token';
  const kind = /^\/v2\/.+\/(blobs\/uploads|blobs|manifests|referrers|tags)\/[^/]*$/.exec(pathname)?.[1];
  switch (`${method} ${kind}`) {
    case 'GET blobs':
      return 'blob';
    case 'HEAD blobs':
      return 'look';
    case 'GET manifests':
      return 'manifest';
    case 'HEAD manifests':
      return 'head';
    case 'PUT manifests':
      return 'push';
    case 'GET tags':
      return 'tags';
    case 'GET referrers':
      return 'referrers';
    case 'POST blobs/uploads':
      return searchParams.has('mount') ? 'mount' : 'open';
    case 'PUT blobs/uploads':
      return 'upload';
    default:
      return 'other';
  }
}
