import { createHash } from 'node:crypto';
import { type Descriptor, MediaType } from '../../lib/model/descriptor';
import { type Digest, digestAlgorithm, digestEncoded } from '../../lib/model/digest';
import type { Options, ReferrersOptions } from '../content';
import { RegistryError, Unsupported } from '../errors';
import { Turns } from '../gate';
import { type Answer, MANIFEST_CEILING } from './answer';
import type { Client } from './client';
import { errorOf, failure } from './failure';
import { fetchTagged, pushManifest } from './manifests';
import { pages } from './pages';
import { encodingOf, indexIn, isBrokenList, isJson, lists, manifestsIn, type ReferrersIndex } from './referrers-index';

/** Referrers of one repository's manifests, by the API or, where a registry has none, by the fallback tag. */
export interface Referrers {
  list(subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]>;
  add(subject: Digest, referrer: Descriptor, options?: Options): Promise<void>;
}

/** What is learned about a registry, for all of its repositories. */
export interface ReferrersSupport {
  /** It has said that it has no referrers API. */
  missing: boolean;
}

const MOST_REFERRERS = 10_000;
const ADD_ATTEMPTS = 4;

export function referrersOf(client: Client, support: ReferrersSupport): Referrers {
  const turns = new Turns<string>();
  return {
    async list(subject, options) {
      const listed = support.missing ? undefined : await listByApi(client, subject, support, options);
      return listed ?? (await listByTag(client, subject, options));
    },
    add: (subject, referrer, options) => turns.run(subject, () => addByTag(client, subject, referrer, options)),
  };
}

/**
 * The tag under which referrers are listed where there is no API (distribution-spec v1.1, "Referrers Tag Schema"): the
 * digest, its encoded part at most 64 characters long.
 */
export function fallbackTag(subject: Digest): string {
  return `${digestAlgorithm(subject).slice(0, 32)}-${digestEncoded(subject).slice(0, 64)}`;
}

/** Undefined when the registry does not answer as one that has the API. */
async function listByApi(
  client: Client,
  subject: Digest,
  support: ReferrersSupport,
  options?: Options,
): Promise<Descriptor[] | undefined> {
  const operation = `referrers of ${client.name}@${subject}`;
  const to = `referrers/${subject}`;
  const headers = { accept: MediaType.OCI_INDEX };
  const call = { method: 'GET', to, kind: 'referrers', operation, headers, ceiling: MANIFEST_CEILING } as const;
  const found: Descriptor[] = [];
  for await (const answer of pages(client, call, options)) {
    const listed = answer.status === 200 ? manifestsIn(answer.bytes) : undefined;
    if (listed === undefined) {
      if (isBrokenList(answer))
        throw new Unsupported('ANSWER_UNUSABLE', `${operation}: the answer is no list${encodingOf(answer)}`);
      if (!isNoApi(answer)) throw failure({ operation, registry: client.repository.registry }, answer);
      support.missing ||= isSurelyNoApi(answer);
      return undefined;
    }
    found.push(...listed);
    if (found.length > MOST_REFERRERS)
      throw new Unsupported('TOO_LARGE', `${operation}: got more than ${MOST_REFERRERS}; fewer would do`);
  }
  return found;
}

function isNoApi({ status }: Answer): boolean {
  return status === 200 || status === 400 || status === 404 || status === 405 || status === 406 || status === 501;
}

/** A repository or manifest that is not known says nothing about the API. */
function isSurelyNoApi(answer: Answer): boolean {
  const [code] = errorOf(answer);
  return answer.status !== 400 && (code === undefined || code === 'UNSUPPORTED' || code === 'NOT_FOUND');
}

async function listByTag(client: Client, subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]> {
  const tag = fallbackTag(subject);
  if ((await options?.lacksTag?.(tag)) === true) return [];
  const answer = await fetchTagged(client, tag, options);
  const listed = answer === undefined ? [] : manifestsIn(answer.bytes);
  if (listed !== undefined) return listed;
  if (answer !== undefined && isJson(answer.bytes)) return [];
  const operation = `referrers of ${client.name}@${subject}`;
  throw new Unsupported(
    'ANSWER_UNUSABLE',
    `${operation}: the tag ${tag} holds no manifest${answer === undefined ? '' : encodingOf(answer)}`,
  );
}

/**
 * Read, changed, written back and read again: within this process one after the other; what another writer has replaced in
 * between is added once more. Without conditional requests in the specification that is the most that can be done.
 */
async function addByTag(client: Client, subject: Digest, referrer: Descriptor, options?: Options): Promise<void> {
  const { repository, origin, attempts } = client;
  const operation = `referrers of ${client.name}@${subject}`;
  const tag = fallbackTag(subject);
  for (let attempt = 1; ; attempt++) {
    const index = await fallbackIndex(client, subject, options);
    const before = Array.isArray(index.manifests) ? index.manifests : [];
    if (lists(index, referrer)) return;
    const after = { schemaVersion: 2, mediaType: MediaType.OCI_INDEX, ...index, manifests: [...before, referrer] };
    const bytes = Buffer.from(JSON.stringify(after));
    if (bytes.length > MANIFEST_CEILING) {
      throw new Unsupported('TOO_LARGE', `${operation}: their index would be longer than registries take`);
    }
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
    const descriptor = { mediaType: MediaType.OCI_INDEX, digest, size: bytes.length };
    await pushManifest(client, descriptor, bytes, { ...options, tag });
    if (lists(await fallbackIndex(client, subject, options), referrer)) return;
    const lost = 'another writer has replaced their index';
    if (attempt === ADD_ATTEMPTS)
      throw new RegistryError('REFERRERS_CONTENDED', `${operation}: ${lost}`, { status: 0 }, 'unavailable');
    const request = { operation, registry: repository.registry, kind: 'manifest', host: new URL(origin).host };
    await attempts.wait({ ...request, signal: options?.signal }, attempt, lost);
  }
}

async function fallbackIndex(client: Client, subject: Digest, options?: Options): Promise<ReferrersIndex> {
  const tag = fallbackTag(subject);
  const answer = await fetchTagged(client, tag, options);
  const index = answer === undefined ? {} : indexIn(answer.bytes);
  if (index !== undefined) return index;
  throw new Unsupported(
    'ANSWER_UNUSABLE',
    `referrers of ${client.name}@${subject}: the tag ${tag} holds something else than an index`,
  );
}
