import type { Side } from '../../engine/errors';
import type { Content } from '../../local/images';
import { findManifest, type RepositoryState } from '../../local/registry';
import type { Ended } from './copier';
import type { Ending } from './fault';
import { reveals } from './secrets';
import { TAG, tagOf, type World } from './world';

/** What connections hold beyond what was taken from them. */
const IN_TRANSIT = 8 * 2 ** 20;
/** Requests that a copy of a small image may cost, however often it is refused: above what is followed of a list. */
const REQUESTS = 6_500;
/** Milliseconds that whoever copies may be told to wait at once, and a little more. */
const LONGEST_WAIT = 61_000;

/** What is wrong with how a copy ended; nothing, if all is as promised. */
export async function wrongs(
  world: World,
  ended: Ended,
  side: Side,
  expected: readonly Ending[],
): Promise<readonly string[]> {
  const ending = wrongEnding(ended, side, expected);
  const all = () => Promise.all(world.copies.map((name) => differences(world, name)));
  const different = ended.errors.length > 0 ? moved(world) : (await all()).flat();
  return [...ending, ...different, ...partial(world), ...told(world, ended), ...unbounded(world)];
}

function wrongEnding({ errors }: Ended, side: Side, expected: readonly Ending[]): string[] {
  if (errors.length === 0) return expected.includes('exact') ? [] : ['it says that it is done'];
  return errors.flatMap((error) => {
    const named =
      error.startsWith(`${side}: `) || expected.some((one) => one !== 'exact' && one.source.startsWith('^'));
    const says = expected.some((one) => one !== 'exact' && one.test(error));
    return [...(named ? [] : [`it blames another side: ${error}`]), ...(says ? [] : [`it says: ${error}`])];
  });
}

/** How the copy differs from the image. */
export async function differences({ image, registries: { destination } }: World, name: string): Promise<string[]> {
  const repository = destination.state.repositories.get(name);
  if (repository === undefined) return [`${name} is not there`];
  const tagged = repository.tags.get(TAG);
  const { root, manifests, blobs } = image;
  const lacking = [
    ...manifests.filter(({ descriptor, bytes }) => {
      const there = findManifest(repository, descriptor.digest);
      return there === undefined || Buffer.compare(there.bytes, bytes) !== 0;
    }),
    ...(await lackingOf(blobs, repository)),
  ];
  return [
    ...(tagged === root.descriptor.digest ? [] : [`${name}:${TAG} is ${tagged}`]),
    ...lacking.map(({ descriptor }) => `${name} lacks ${descriptor.digest}`),
  ];
}

async function lackingOf(blobs: readonly Content[], repository: RepositoryState): Promise<Content[]> {
  const held = await Promise.all(
    blobs.map(async ({ descriptor: { digest }, bytes }) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of repository.blobs.get(digest)?.read() ?? []) chunks.push(chunk);
      return Buffer.concat(chunks).equals(bytes);
    }),
  );
  return blobs.filter((_, i) => held[i] !== true);
}

/** Tags that an unfinished copy has moved to something else than the image. */
export function moved(world: World): string[] {
  const { image, before, copies } = world;
  return copies.flatMap((name) => {
    const tagged = tagOf(world, name);
    const right = tagged === before.get(name) || tagged === image.root.descriptor.digest;
    return right ? [] : [`${name}:${TAG} has become ${tagged}`];
  });
}

/** A manifest whose parts are not all there, in any repository of the destination. */
export function partial({ registries: { destination } }: World): string[] {
  return [...destination.state.repositories.values()].flatMap(brokenIn);
}

/** Tags without a manifest, and manifests, tagged or not, whose parts are not all there. */
export function brokenIn(repository: RepositoryState): string[] {
  const tags = [...repository.tags].filter(([, digest]) => !repository.manifests.has(digest));
  const broken = [...repository.manifests.keys()].filter((digest) => lacksParts(repository, digest));
  return [
    ...tags.map(([tag]) => `${repository.name}:${tag} stands for nothing`),
    ...broken.map((digest) => `${repository.name}@${digest} is not whole`),
  ];
}

function lacksParts({ manifests, blobs }: RepositoryState, digest: string): boolean {
  const parsed = manifests.get(digest)?.parsed;
  const wanted = [...(parsed?.config === undefined ? [] : [parsed.config]), ...(parsed?.layers ?? [])];
  return (
    wanted.some((blob) => !blobs.has(blob.digest)) ||
    (parsed?.manifests ?? []).some((child) => !manifests.has(child.digest))
  );
}

/** Secrets that somebody saw who should not, or that were said. */
export function told({ hosts, secrets }: World, { said }: Ended): string[] {
  const seen = Object.values(hosts).flatMap(({ name, seen: requests }) =>
    secrets
      .filter((secret) => secret.host !== name)
      .flatMap((secret) =>
        requests.filter(({ text }) => reveals(text, secret)).map(({ line }) => ({ secret, name, line })),
      ),
  );
  const lines = said.join('\n');
  return [
    ...seen.map(({ secret, name, line }) => `the ${secret.what} for ${secret.host} was seen by ${name}: ${line}`),
    ...secrets.filter((secret) => reveals(lines, secret)).map(({ what, host }) => `the ${what} for ${host} was said`),
  ];
}

/** @param ceiling bytes of an answer without end that may be taken */
export function swallowed({ poured }: World['done'], ceiling: number): string[] {
  return poured > ceiling + IN_TRANSIT ? [`${poured} bytes of an endless answer were taken`] : [];
}

function unbounded({ done, hosts, clock, ceiling }: World): string[] {
  const requests = Object.values(hosts).reduce((sum, { seen }) => sum + seen.length, 0);
  return [
    ...swallowed(done, ceiling),
    ...(requests > REQUESTS ? [`${requests} requests were made`] : []),
    ...(clock.longest() > LONGEST_WAIT ? [`it waited for ${clock.longest()} ms at once`] : []),
  ];
}

/** What an ending is called in a table: `exact`, or what the error says but for names that differ from run to run. */
export function endingOf({ errors }: Ended, world: World): string {
  const [first] = [...errors].sort();
  if (first === undefined) return 'exact';
  const named = Object.values(world.hosts).reduce((text, { host, name }) => text.replaceAll(host, `<${name}>`), first);
  return named.replace(/sha256:[0-9a-f]{64}/g, 'sha256:…').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…');
}
