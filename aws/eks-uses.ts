import { type Agent, request } from 'node:https';
import { type Cluster, DescribeClusterCommand, type EKSClient, ListClustersCommand } from '@aws-sdk/client-eks';
import { isDigest } from '../lib/model/digest';
import { parseUse, type Use } from '../lib/model/in-use';
import { isMap } from '../lib/model/row-reader';
import { eksToken, type Keys } from './eks-token';
import { allPages } from './pages';

export interface EksWorld {
  readonly keys: () => Promise<Keys>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** For https, such as a proxy's. @default - direct */
  readonly agent?: Agent;
}

const PODS_AT_ONCE = 500;
const TIMEOUT = 30_000;
/** Bytes of one page of pods. */
const LARGEST_PAGE = 64 * 1024 * 1024;

/** The names of the clusters of a region. */
export function eksClusters(client: EKSClient): Promise<readonly string[]> {
  return allPages(async (nextToken) => {
    const answer = await client.send(new ListClustersCommand({ nextToken }));
    return { items: answer.clusters ?? [], next: answer.nextToken };
  });
}

/** Images of the pods of a cluster, as far as whoever asks has access to its Kubernetes API. */
export async function eksUses(
  client: EKSClient,
  name: string,
  region: string,
  world: EksWorld,
): Promise<readonly Use[]> {
  const { cluster } = await client.send(new DescribeClusterCommand({ name }));
  const pods = await allPages(async (from) => {
    const page = await readPods(cluster ?? {}, { cluster: name, region }, from, world);
    const { items, metadata } = isMap(page) ? page : {};
    const next = isMap(metadata) && typeof metadata.continue === 'string' ? metadata.continue : undefined;
    return { items: Array.isArray(items) ? items : [], next };
  });
  return pods.flatMap((pod) => ofPod(pod, `EKS cluster ${name} in ${region}`));
}

/** AWS STS of a region, in each partition. */
function stsHost(region: string): string {
  return `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

async function readPods(
  { endpoint, certificateAuthority }: Cluster,
  { cluster, region }: { readonly cluster: string; readonly region: string },
  from: string | undefined,
  { keys, now, agent }: EksWorld,
): Promise<unknown> {
  const url = new URL(`${endpoint ?? ''}/api/v1/pods?limit=${PODS_AT_ONCE}`);
  if (from !== undefined) url.searchParams.set('continue', from);
  if (url.protocol !== 'https:') throw new Error('its endpoint is not https');
  const token = eksToken({ cluster, region, host: stsHost(region) }, await keys(), now());
  const ca = Buffer.from(certificateAuthority?.data ?? '', 'base64').toString();
  return getJson(url, { headers: { authorization: `Bearer ${token}`, accept: 'application/json' }, ca, agent });
}

interface Options {
  readonly headers: Readonly<Record<string, string>>;
  readonly ca: string;
  readonly agent: Agent | undefined;
}

/** No redirect is followed: the token is for this cluster. */
function getJson(url: URL, { headers, ca, agent }: Options): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      { headers, ca, timeout: TIMEOUT, ...(agent === undefined ? {} : { agent }) },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('error', reject);
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > LARGEST_PAGE) asked.destroy(new Error(`a page of pods has more than ${LARGEST_PAGE} bytes`));
          else chunks.push(chunk);
        });
        answer.on('end', () => {
          try {
            if (answer.statusCode !== 200) throw new Error(`its Kubernetes API answers with ${answer.statusCode}`);
            resolve(JSON.parse(Buffer.concat(chunks).toString()));
          } catch (error) {
            reject(error);
          }
        });
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`its Kubernetes API is silent for ${TIMEOUT / 1000} s`)));
    asked.on('error', reject);
    asked.end();
  });
}

const SPECS = ['containers', 'initContainers', 'ephemeralContainers'];
const STATUSES = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'];

/** What a pod asks for, and what it got: `imageID` is a reference by digest. */
function ofPod(pod: unknown, where: string): readonly Use[] {
  const { metadata, spec, status } = isMap(pod) ? pod : {};
  const { namespace, name } = isMap(metadata) ? metadata : {};
  const by = `pod ${String(namespace)}/${String(name)} of ${where}`;
  const asked = mapsIn(spec, SPECS).map(({ image }) => parseUse(image, by));
  const got = mapsIn(status, STATUSES).map(({ image, imageID }) => {
    const digest = typeof imageID === 'string' ? imageID.slice(imageID.lastIndexOf('@') + 1) : undefined;
    return parseUse(image, by, isDigest(digest) ? digest : undefined);
  });
  return [...asked, ...got].flatMap((use) => use ?? []);
}

function mapsIn(value: unknown, names: readonly string[]): readonly Readonly<Record<string, unknown>>[] {
  if (!isMap(value)) return [];
  return names.flatMap((name) => (Array.isArray(value[name]) ? value[name].filter(isMap) : []));
}
