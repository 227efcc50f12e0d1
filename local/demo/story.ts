import { CopyAttribute } from '../../lib/model/names';
import { count } from '../../terminal/format';
import { readBack } from '../read-back';
import { isMap, type JsonMap, listOf, mapOf, textOf } from '../template/value';
import { allMirrored, mirroredAt, rowItem, since } from './look';
import type { Narrator } from './narrator';
import { alpine, app, busybox, nginx, redis, redisSignature } from './upstream';
import { OWN, type World } from './world';

/** A chapter: something happens, and what came of it is read back. */
export type Chapter = (world: World, narrator: Narrator) => Promise<void>;

const ALPINE = 'docker.io/library/alpine:3.20';
export const TEAMS = ['mirror/team-a/alpine', 'mirror/team-b/alpine', 'mirror/tools/alpine'];
const RELEASED = `${OWN}/released/app`;

const firstRun: Chapter = async (world, { chapter, say, check }) => {
  chapter('A row becomes a copy');
  say('The stack declares nginx (versions from 1.25 on) and redis. Two rows are added by hand:');
  say('alpine:3.20 to three places, and released/app outward to the partner at ghcr.io.');
  const counted = since(world);
  await Promise.all([
    world.stack.putRow({
      Source: ALPINE,
      Destination: TEAMS.map((name) => `${OWN}/${name}`),
    }),
    world.stack.putRow({ Source: RELEASED, Tags: { Semver: '>=1.0' }, Destination: 'ghcr.io/example/app' }),
  ]);
  await world.stack.waitUntilIdle();
  const { own, partner } = world;
  await check('nginx:1.27.0 is there for both platforms with its attestations, bit for bit', async () => {
    const found = await readBack(own, 'mirror/docker-hub/library/nginx', '1.27.0');
    const { root, manifests } = nginx('1.27.0');
    return found?.digest === root.descriptor.digest && found.manifests.length === manifests.length;
  });
  await check('nginx:1.24.0 is not: the row asks for 1.25 and later', async () => {
    return (await readBack(own, 'mirror/docker-hub/library/nginx', '1.24.0')) === undefined;
  });
  await check('redis:8 came from public.ecr.aws, and so did its signature', async () => {
    const found = await readBack(own, 'mirror/ecr-public/docker/library/redis', '8');
    return (
      found?.digest === redis.root.descriptor.digest && found.referrers.includes(redisSignature.root.descriptor.digest)
    );
  });
  await check('alpine:3.20 is in all three places', async () => {
    const places = TEAMS.map((name) => readBack(own, name, '3.20'));
    return (await Promise.all(places)).every((found) => found?.digest === alpine(1).root.descriptor.digest);
  });
  await check('for which each of its blobs was read from docker.io once', () => {
    const reads = counted.reads(world.hub);
    return alpine(1).blobs.every(({ descriptor }) => reads.get(descriptor.digest) === 1);
  });
  await check('released/app:1.0.0 reached the partner at ghcr.io', async () => {
    return (await readBack(partner, 'example/app', '1.0.0'))?.digest === app('1.0.0').root.descriptor.digest;
  });
  await check('the table of copies says Mirrored for every one', () => allMirrored(world));
};

const secondRun: Chapter = async (world, { chapter, say, check }) => {
  chapter('The next run has nothing to do');
  say('The schedule fires. Digests are compared, by HEAD and by the API of ECR; nothing is read or written.');
  const counted = since(world);
  world.stack.runSchedule();
  await world.stack.waitUntilIdle();
  await check('no job was submitted', () => counted.jobs() === 0);
  await check('no registry was written to, and no blob was read', () => {
    const read = Object.values(world.registries).some((registry) => counted.reads(registry).size > 0);
    return counted.writes() === 0 && !read;
  });
  say('Asked why, with {"dryRun": true}, the controller says of each image and destination:');
  const invocation = await world.stack.invoke(controllerOf(world), { dryRun: true });
  const reply = 'result' in invocation ? mapOf(invocation.result) : {};
  const skipped = listOf(reply.skipped).map(mapOf);
  for (const one of skipped) say(`  ${reasonLine(one)}`);
  await check('each of them up to date', async () => {
    const { size } = await mirroredAt(world);
    return skipped.length === size && skipped.every(({ reason }) => reason === 'up-to-date');
  });
};

const tagMoves: Chapter = async (world, { chapter, say, check }) => {
  chapter('A tag moves upstream');
  say('docker.io/library/alpine:3.20 is built again on the same base layer, as official images are.');
  await world.push(world.hub, 'library/alpine', alpine(2), ['3.20']);
  const before = await mirroredAt(world);
  const counted = since(world);
  world.stack.runSchedule();
  await world.stack.waitUntilIdle();
  const after = await mirroredAt(world);
  const changed = [...after].filter(([destination, state]) => before.get(destination) !== state);
  await check('only its three copies changed', () => {
    return changed.length === 3 && changed.every(([destination]) => destination.endsWith('/alpine:3.20'));
  });
  await check('all three hold the new digest', async () => {
    const places = TEAMS.map((name) => readBack(world.own, name, '3.20'));
    return (await Promise.all(places)).every((found) => found?.digest === alpine(2).root.descriptor.digest);
  });
  await check('only what is new was read: the base layer was there', () => {
    const old = new Set(alpine(1).blobs.map(({ descriptor }) => descriptor.digest));
    const reads = counted.reads(world.hub);
    return reads.size > 0 && ![...reads.keys()].some((digest) => old.has(digest as never));
  });
};

const pushGoesOut: Chapter = async (world, { chapter, say, check }) => {
  chapter('A push to ECR goes out');
  say(
    "released/app:1.1.0 is pushed to the company's ECR. Its event wakes the controller; nobody waits for the schedule.",
  );
  const counted = since(world);
  await world.push(world.own, 'released/app', app('1.1.0'), ['1.1.0']);
  await world.stack.waitUntilIdle();
  await check('the partner has it', async () => {
    return (await readBack(world.partner, 'example/app', '1.1.0'))?.digest === app('1.1.0').root.descriptor.digest;
  });
  await check('one job did it: the pushes of the mirror itself wake nobody', () => counted.jobs() === 1);
};

const badRow: Chapter = async (world, { chapter, say, check }) => {
  chapter('A row with a mistake does not stop the others');
  const bad = 'docker.io/library/busybox:latest';
  say('Two rows arrive together; in one of them somebody wrote Destinatoin.');
  await Promise.all([
    world.stack.putRow({ Source: bad, Destinatoin: `${OWN}/mirror/tools/busybox` }),
    world.stack.putRow({ Source: 'docker.io/library/busybox:1.36', Destination: `${OWN}/mirror/tools/busybox` }),
  ]);
  await world.stack.waitUntilIdle();
  const item = await rowItem(world, bad);
  say(`  copies: ${item?.[CopyAttribute.STATE]}: ${item?.[CopyAttribute.ERROR]}`);
  await check('the bad row is Invalid and its line names the attribute', () => {
    return item?.[CopyAttribute.STATE] === 'Invalid' && String(item[CopyAttribute.ERROR]).includes('Destinatoin');
  });
  await check('the good one was mirrored', async () => {
    const found = await readBack(world.own, 'mirror/tools/busybox', '1.36');
    return found?.digest === busybox.root.descriptor.digest;
  });
};

const refusal: Chapter = async (world, { chapter, say, check }) => {
  chapter('A row may not ask for everything');
  say("Whoever may write rows may not overwrite prod/app with it, nor send the company's image to a stranger.");
  const over = 'docker.io/library/nginx:1.27.0';
  const leak = `${RELEASED}:1.0.0`;
  const counted = since(world);
  await Promise.all([
    world.stack.putRow({ Source: over, Destination: `${OWN}/prod/app:latest` }),
    world.stack.putRow({ Source: leak, Destination: 'docker.io/stranger/app' }),
  ]);
  await world.stack.waitUntilIdle();
  const items = await Promise.all([rowItem(world, over), rowItem(world, leak)]);
  for (const item of items) say(`  copies: ${item?.[CopyAttribute.STATE]}: ${item?.[CopyAttribute.ERROR]}`);
  await check('both are Invalid', () => items.every((item) => item?.[CopyAttribute.STATE] === 'Invalid'));
  await check('prod/app is untouched, the stranger got nothing, no job ran', async () => {
    const stolen = world.hub.requests.some(({ repository }) => repository === 'stranger/app');
    return counted.jobs() === 0 && !stolen && (await readBack(world.own, 'prod/app', 'latest')) === undefined;
  });
};

const healing: Chapter = async (world, { chapter, say, check }) => {
  chapter('What breaks is put back');
  const repositoryName = 'mirror/docker-hub/library/nginx';
  say(`Somebody deletes ${repositoryName}:1.27.0 from ECR.`);
  world.ecr('BatchDeleteImage', { repositoryName, imageIds: [{ imageTag: '1.27.0' }] });
  await check('it is gone', async () => (await readBack(world.own, repositoryName, '1.27.0')) === undefined);
  const counted = since(world);
  world.stack.runSchedule();
  await world.stack.waitUntilIdle();
  await check('the next run puts it back, whole', async () => {
    return (await readBack(world.own, repositoryName, '1.27.0'))?.digest === nginx('1.27.0').root.descriptor.digest;
  });
  await check('and nothing else was copied', () => counted.jobs() === 1);
  const read = counted.reads(world.hub).size;
  say(`${count(read, 'blob')} had to be read from docker.io for it.`);
};

export const STORY: readonly [Chapter, ...Chapter[]] = [
  firstRun,
  secondRun,
  tagMoves,
  pushGoesOut,
  badRow,
  refusal,
  healing,
];

/** Why an image is left alone, with account, region and digests abbreviated. */
function reasonLine({ source, mirror, destination, reason }: JsonMap): string {
  const line = `${textOf(reason)}: ${textOf(source) ?? textOf(mirror)} → ${textOf(destination)}`;
  return line.replaceAll(OWN, 'ecr').replace(/@sha256:(\w{12})\w+/g, '@$1…');
}

/** The function that is told of the table of mirrors. */
function controllerOf({ stack }: World): string {
  const functions = stack.template.ofType('AWS::Lambda::Function');
  const controller = functions.find(({ properties }) => {
    const { Variables } = mapOf(properties.Environment);
    return isMap(Variables) && Variables.MIRRORS_TABLE !== undefined;
  });
  return controller?.ref ?? '';
}
