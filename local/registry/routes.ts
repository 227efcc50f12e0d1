import type { Need } from './auth';
import { deleteBlob, readBlob } from './blobs';
import { answer, type Exchange } from './exchange';
import { Fault } from './fault';
import { listReferrers, listTags } from './lists';
import { deleteManifest, putManifest, readManifest } from './manifests';
import type { Action } from './options';
import type { OpenRecord } from './requests';
import { cancelUpload, continueUpload, finishUpload, showUpload, startUpload } from './uploads';

/** What a path is about, and who may ask for it. */
export interface Route {
  readonly kind: OpenRecord['kind'];
  readonly name?: string;
  readonly reference?: string;
  /** By method. */
  readonly handlers: Readonly<Record<string, (exchange: Exchange) => Promise<void>>>;
}

const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/** @throws Fault for a path that is not of the distribution specification. */
export function findRoute(path: string): Route {
  if (path === '/v2/' || path === '/v2') return { kind: 'ping', handlers: { GET: ping, HEAD: ping } };
  const [, name, kind, reference] =
    /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|referrers|tags)\/([^/]*)$/.exec(path) ?? [];
  if (name === undefined || kind === undefined || reference === undefined) {
    throw new Fault(404, 'UNSUPPORTED', 'page not found');
  }
  if (!NAME.test(name) || name.length > 255) throw new Fault(400, 'NAME_INVALID', 'invalid repository name');
  switch (kind) {
    case 'manifests':
      return { kind: 'manifest', name, reference, handlers: manifestHandlers(name, reference) };
    case 'blobs':
      return { kind: 'blob', name, reference, handlers: blobHandlers(name, reference) };
    case 'blobs/uploads':
      return { kind: 'upload', name, handlers: uploadHandlers(name, reference) };
    case 'referrers':
      return { kind: 'referrers', name, reference, handlers: { GET: (e) => listReferrers(e, name, reference) } };
    default:
      if (reference !== 'list') throw new Fault(404, 'UNSUPPORTED', 'page not found');
      return { kind: 'tags', name, handlers: { GET: (e) => listTags(e, name) } };
  }
}

/** What the caller must be allowed to do. A mount reads another repository, too. */
export function neededAccess(route: Route, method: string, url: URL): Need[] {
  if (route.name === undefined) return [];
  const deletes = method === 'DELETE' && route.kind !== 'upload';
  const reads = (method === 'GET' || method === 'HEAD') && route.kind !== 'upload';
  const action: Action = deletes ? 'delete' : reads ? 'pull' : 'push';
  const from = route.kind === 'upload' && url.searchParams.has('mount') ? url.searchParams.get('from') : null;
  const needs: Need[] = [{ repository: route.name, action }];
  return from === null ? needs : [...needs, { repository: from, action: 'pull' }];
}

function ping(exchange: Exchange): Promise<void> {
  return answer(exchange, 200, { 'docker-distribution-api-version': 'registry/2.0' });
}

function manifestHandlers(name: string, reference: string): Route['handlers'] {
  const read = (exchange: Exchange) => readManifest(exchange, name, reference);
  return {
    GET: read,
    HEAD: read,
    PUT: (exchange) => putManifest(exchange, name, reference),
    DELETE: async (exchange) => deleteManifest(exchange, name, reference),
  };
}

function blobHandlers(name: string, reference: string): Route['handlers'] {
  const read = (exchange: Exchange) => readBlob(exchange, name, reference);
  return { GET: read, HEAD: read, DELETE: (exchange) => deleteBlob(exchange, name, reference) };
}

function uploadHandlers(name: string, id: string): Route['handlers'] {
  if (id === '') return { POST: (exchange) => startUpload(exchange, name) };
  return {
    GET: async (exchange) => showUpload(exchange, name, id),
    PATCH: (exchange) => continueUpload(exchange, name, id),
    PUT: (exchange) => finishUpload(exchange, name, id),
    DELETE: (exchange) => cancelUpload(exchange, name, id),
  };
}
