import { isDigest } from '../../lib/model/digest';
import { InvalidValue } from '../../lib/model/invalid';
import { isTag, parseReference } from '../../lib/model/reference';
import { isMap } from '../../lib/model/row-reader';
import type { PushedImage, WebhookSetting } from '../../lib/model/webhook';
import type { WebhookRequest } from './request';

/** What a webhook says was pushed; or why nothing is to be done, as for a ping. */
export type Payload = { readonly pushes: readonly PushedImage[] } | { readonly ignored: string };

/** Tags of one webhook: Quay names those that were updated together. */
const MOST_PUSHES = 20;

/** Reads a webhook that was proven. What it says of another registry than its sender's counts for nothing. */
export function readPayload(setting: WebhookSetting, request: WebhookRequest): Payload {
  const body = parseBody(request.body);
  if (body === undefined) return { ignored: 'a body that is no JSON object' };
  const found = READERS[setting.kind](body, request, setting);
  if ('ignored' in found) return found;
  const pushes = found.slice(0, MOST_PUSHES).flatMap((one) => pushed(one, setting.registry) ?? []);
  return pushes.length === 0 ? { ignored: 'no push of a tag to its registry' } : { pushes };
}

/** Parts of a body: what they are is seen when they are put together. */
interface Named {
  readonly repository: unknown;
  readonly tag: unknown;
  readonly digest?: unknown;
}
type Body = Readonly<Record<string, unknown>>;
type Reader = (
  body: Body,
  request: WebhookRequest,
  setting: WebhookSetting,
) => readonly Named[] | { readonly ignored: string };

const READERS: Readonly<Record<WebhookSetting['kind'], Reader>> = {
  /** CloudEvents, structured, as root.io sends them: the subject is the image's reference. */
  standard: (body, _request, { registry }) => {
    const { image_repo: repository, image_tag: tag, image_digest: digest } = mapIn(body, 'data');
    const [host, ...rest] = typeof body.subject === 'string' ? body.subject.split('/') : [];
    if (rest.length > 0 && host !== registry) return { ignored: 'an image of another registry' };
    return [{ repository, tag, digest }];
  },
  /** GitHub Docs, "package" and "registry_package". */
  github: (body, { headers }) => {
    const event = headers['x-github-event'];
    if (event !== 'package' && event !== 'registry_package') return { ignored: `the event ${event}` };
    const { package_type: type, namespace, name, package_version, owner } = mapIn(body, event);
    if (`${type}`.toUpperCase() !== 'CONTAINER') return { ignored: 'a package that is no image' };
    const metadata = mapIn(isMap(package_version) ? package_version : {}, 'container_metadata');
    const { name: tag, digest } = mapIn(metadata, 'tag');
    const space = typeof namespace === 'string' ? namespace : mapIn({ owner }, 'owner').login;
    return [{ repository: `${space}/${name}`.toLowerCase(), tag, digest }];
  },
  /** Harbor's own format, and its CloudEvents. */
  harbor: (body) => {
    const old = body.type === 'PUSH_ARTIFACT';
    if (!old && body.type !== 'harbor.artifact.pushed') return { ignored: `the event ${body.type}` };
    const data = mapIn(body, old ? 'event_data' : 'data');
    const repository = mapIn(data, 'repository').repo_full_name;
    return listIn(data, 'resources').map(({ tag, digest }) => ({ repository, tag, digest }));
  },
  /** Its `callback_url` is not called: whoever knows the path could name any. */
  'docker-hub': (body) => [{ repository: mapIn(body, 'repository').repo_name, tag: mapIn(body, 'push_data').tag }],
  quay: (body) => {
    const { repository, updated_tags: tags } = body;
    return (Array.isArray(tags) ? tags : []).map((tag: unknown) => ({ repository, tag }));
  },
  chainguard: (body, { headers }, { organization = '', registry }) => {
    const event = headers['ce-type'];
    if (event !== 'dev.chainguard.registry.push.v1') return { ignored: `the event ${event}` };
    const { repository, tag, digest, type, error } = mapIn(body, 'body');
    if (type !== 'manifest' || error !== undefined) return { ignored: 'a push of no manifest' };
    const name = `${repository}`.replace(`${registry}/`, '').replace(/^[0-9a-f]{40}(?=\/)/, organization);
    if (/\/[0-9a-f]{16}(?:\/|$)/.test(name)) return { ignored: 'a repository by its id, of which nothing is known' };
    return [{ repository: name, tag, digest }];
  },
};

function pushed({ repository, tag, digest }: Named, registry: string): PushedImage | undefined {
  if (typeof repository !== 'string' || typeof tag !== 'string' || !isTag(tag)) return undefined;
  try {
    const { repository: known, tag: same } = parseReference(`${registry}/${repository}:${tag}`);
    if (known.registry !== registry || same !== tag) return undefined;
    return { registry, repository: known.name, tag, ...(isDigest(digest) ? { digest } : {}) };
  } catch (error) {
    if (error instanceof InvalidValue) return undefined;
    throw error;
  }
}

function parseBody(bytes: Buffer): Body | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function mapIn(body: Body, name: string): Body {
  const value = body[name];
  return isMap(value) ? value : {};
}

function listIn(body: Body, name: string): readonly Body[] {
  const value = body[name];
  return Array.isArray(value) ? value.filter((one): one is Body => isMap(one)) : [];
}
