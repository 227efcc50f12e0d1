import { randomUUID } from 'node:crypto';
import type { ContentWriter } from './contents';
import { answer, body, checkDigest, type Exchange, findRepository, location, repositoryForPush } from './exchange';
import { Fault } from './fault';
import type { RepositoryState } from './state';

/** Upload sessions by their id. */
export type Uploads = Map<string, Upload>;

interface Upload {
  readonly repository: string;
  readonly writer: ContentWriter;
  /** Bytes of the first part, and of the one before this. */
  first?: number;
  last?: number;
  /** Bytes are being received. */
  busy: boolean;
}

const MOST_UPLOADS = 10_000;

/** POST: starts a session, mounts, or takes the whole blob at once (distribution-spec v1.1, "Pushing Blobs"). */
export async function startUpload(exchange: Exchange, name: string): Promise<void> {
  const { core, url } = exchange;
  core.personality.spend('InitiateLayerUpload');
  const repository = repositoryForPush(exchange, name);
  if (mount(exchange, repository)) return created(exchange, name, url.searchParams.get('mount') ?? '');

  if (core.uploads.size >= MOST_UPLOADS) throw new Fault(429, 'TOOMANYREQUESTS', 'too many uploads are open');
  const id = randomUUID();
  const upload: Upload = { repository: name, writer: core.contents.writer(), busy: false };
  core.uploads.set(id, upload);
  if (core.personality.singlePost && url.searchParams.has('digest')) return finish(exchange, repository, id, upload);
  for await (const _ of body(exchange)); // a body without a digest is of no use
  return answer(exchange, 202, place(exchange, name, id, 0));
}

/** PATCH: the next part. */
export async function continueUpload(exchange: Exchange, name: string, id: string): Promise<void> {
  const { personality } = exchange.core;
  personality.spend('UploadLayerPart');
  const upload = find(exchange, name, id);
  checkRange(exchange, name, id, upload);
  await receive(exchange, id, upload);
  return answer(exchange, personality.patched, place(exchange, name, id, shown(exchange, upload)));
}

/** PUT: the last part, if any, and the digest of the whole. */
export async function finishUpload(exchange: Exchange, name: string, id: string): Promise<void> {
  const upload = find(exchange, name, id);
  if (exchange.core.personality.kind !== 'ecr') checkRange(exchange, name, id, upload);
  return finish(exchange, findRepository(exchange, name), id, upload);
}

/** GET: how far it is. */
export function showUpload(exchange: Exchange, name: string, id: string): Promise<void> {
  const upload = find(exchange, name, id);
  return answer(exchange, 204, place(exchange, name, id, shown(exchange, upload)));
}

/** DELETE: lets a session go. */
export async function cancelUpload(exchange: Exchange, name: string, id: string): Promise<void> {
  if (!exchange.core.personality.cancelsUploads) throw new Fault(405, 'UNSUPPORTED', 'The operation is unsupported.');
  const upload = find(exchange, name, id);
  exchange.core.uploads.delete(id);
  await upload.writer.discard();
  return answer(exchange, 204);
}

function mount({ core, url }: Exchange, repository: RepositoryState): boolean {
  const digest = url.searchParams.get('mount');
  const from = core.state.repositories.get(url.searchParams.get('from') ?? '');
  const content = digest === null ? undefined : from?.blobs.get(digest);
  if (digest === null || from === undefined || content === undefined) return false;
  if (!core.personality.mayMount(from, digest)) return false;
  repository.blobs.set(digest, content);
  return true;
}

async function finish(exchange: Exchange, repository: RepositoryState, id: string, upload: Upload): Promise<void> {
  const { core, url } = exchange;
  const digest = checkDigest(exchange, url.searchParams.get('digest'));
  const before = upload.writer.size;
  await receive(exchange, id, upload);
  // Cancelled while its last part came: its bytes are gone.
  if (core.uploads.get(id) !== upload) throw new Fault(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
  if (upload.writer.size > before) core.personality.spend('UploadLayerPart');
  core.personality.spend('CompleteLayerUpload');
  core.uploads.delete(id);
  const content = await upload.writer.finish(digest);
  if (repository.blobs.has(digest)) await core.contents.remove(content);
  else repository.blobs.set(digest, content);
  return created(exchange, repository.name, digest);
}

/** Takes the body. When the client goes away in the middle, the session is gone too. */
async function receive(exchange: Exchange, id: string, upload: Upload): Promise<void> {
  const { core } = exchange;
  if (upload.busy) throw new Fault(409, 'BLOB_UPLOAD_INVALID', 'another request is writing to this upload');
  upload.busy = true;
  const before = upload.writer.size;
  try {
    for await (const chunk of body(exchange)) {
      if (before > 0 && (upload.last ?? 0) < core.personality.minimumPart) {
        throw new Fault(
          400,
          'BLOB_UPLOAD_INVALID',
          `Layer parts must be at least ${core.personality.minimumPart} bytes`,
        );
      }
      await upload.writer.write(chunk);
    }
  } catch (error) {
    core.uploads.delete(id);
    await upload.writer.discard();
    throw error;
  } finally {
    upload.busy = false;
  }
  upload.last = upload.writer.size - before;
  upload.first ??= upload.last;
}

/** A part says where it begins, which must be where the last one ended; without saying so it is appended. */
function checkRange(exchange: Exchange, name: string, id: string, upload: Upload): void {
  const header = exchange.request.headers['content-range'];
  if (header === undefined) return;
  const [, start, end] = /^(?:bytes[ =])?(\d+)-(\d+)$/.exec(header) ?? [];
  const length = exchange.request.headers['content-length'];
  const whole = length === undefined || Number(end) - Number(start) + 1 === Number(length);
  if (start !== undefined && Number(start) === upload.writer.size && whole) return;
  const where = place(exchange, name, id, shown(exchange, upload));
  throw new Fault(416, 'BLOB_UPLOAD_INVALID', 'blob upload invalid: parts must follow each other', where);
}

/** What the registry says it has; Amazon ECR does not count further than the first part. */
function shown({ core }: Exchange, upload: Upload): number {
  return core.personality.stuckRange ? (upload.first ?? 0) : upload.writer.size;
}

function place(exchange: Exchange, name: string, id: string, size: number): Record<string, string> {
  return {
    location: location(exchange, `/v2/${name}/blobs/uploads/${id}`),
    range: `0-${Math.max(0, size - 1)}`,
    'docker-upload-uuid': id,
  };
}

function created(exchange: Exchange, name: string, digest: string): Promise<void> {
  const headers = { location: location(exchange, `/v2/${name}/blobs/${digest}`), 'docker-content-digest': digest };
  return answer(exchange, 201, headers);
}

function find({ core }: Exchange, name: string, id: string): Upload {
  const upload = core.uploads.get(id);
  if (upload?.repository === name) return upload;
  throw new Fault(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
}
