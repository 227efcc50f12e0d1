import { CopyAttribute, Env, ROW_ITEM } from '../../lib/model/names';
import type { Narrator } from '../../local/demo/narrator';
import { readPattern } from '../../local/events';
import { type JsonMap, listOf, mapOf, textOf } from '../../local/template/value';
import type { Deployed } from './deployed';

const REPOSITORIES = ['mirror/docker-hub/library/nginx', 'mirror/ecr-public/docker/library/redis'];

/** What was deployed, read back thing by thing: an emulator says "complete" of more than it does. */
export async function checkDeployed(deployed: Deployed, narrator: Narrator): Promise<void> {
  narrator.chapter('What was deployed');
  await checkTables(deployed, narrator);
  await checkController(deployed, narrator);
  await checkEvents(deployed, narrator);
  await checkJobs(deployed, narrator);
  await narrator.check('the repositories of the declared images are there, scanned and mutable', () => {
    const found = new Map(deployed.repositories.map((one) => [textOf(one.repositoryName), one]));
    return REPOSITORIES.every((name) => {
      const { imageTagMutability, imageScanningConfiguration } = mapOf(found.get(name));
      return imageTagMutability === 'MUTABLE' && Object.values(mapOf(imageScanningConfiguration)).includes(true);
    });
  });
}

async function checkTables({ mirrorsTable, copiesTable, rows }: Deployed, { check }: Narrator): Promise<void> {
  const keys = (table: JsonMap) => listOf(table.KeySchema).map((key) => textOf(mapOf(key).AttributeName));
  await check('mirrors is keyed by Source, pays by request and streams new images', () => {
    const { StreamViewType, StreamEnabled } = mapOf(mirrorsTable.StreamSpecification);
    const mode = mapOf(mirrorsTable.BillingModeSummary).BillingMode;
    const streams = StreamEnabled === true && StreamViewType === 'NEW_IMAGE';
    return keys(mirrorsTable).join() === CopyAttribute.SOURCE && mode === 'PAY_PER_REQUEST' && streams;
  });
  await check('copies is keyed by Source and Destination and has no stream', () => {
    return (
      keys(copiesTable).join() === `${CopyAttribute.SOURCE},${CopyAttribute.DESTINATION}` &&
      !copiesTable.LatestStreamArn
    );
  });
  await check("CDK's custom resource has written the declared rows", () => {
    const sources = rows.map((row) => textOf(mapOf(row.Source).S)).sort();
    return sources.join() === 'docker.io/library/nginx,public.ecr.aws/docker/library/redis:8';
  });
}

async function checkController(deployed: Deployed, { check }: Narrator): Promise<void> {
  const { variables, configuration, settings, mirrors, copies, queues, definitions } = deployed;
  await check("the controller's environment names tables, settings, queue and job definition", () => {
    const expected: Readonly<Record<string, unknown>> = {
      [Env.MIRRORS_TABLE]: mirrors,
      [Env.COPIES_TABLE]: copies,
      [Env.JOB_QUEUE]: queues[0]?.jobQueueArn,
      [Env.JOB_DEFINITION]: definitions[0]?.jobDefinitionArn,
    };
    return Object.entries(expected).every(([name, value]) => value !== undefined && variables[name] === value);
  });
  await check('it runs on Node 24, on ARM, for 15 minutes at most', () => {
    const { Runtime, Timeout, Architectures } = configuration;
    return Runtime === 'nodejs24.x' && Timeout === 900 && listOf(Architectures).includes('arm64');
  });
  await check('the settings allow the own prefix, and released images to go out', () => {
    const { destinations, outward } = mapOf(settings.permissions);
    const [only, ...more] = listOf(destinations);
    const [pair] = listOf(outward).map(mapOf);
    return more.length === 0 && String(only).endsWith('/mirror/**') && pair?.to === 'ghcr.io/example/*';
  });
}

async function checkEvents({ mapping, patterns, schedules, queues }: Deployed, { check }: Narrator): Promise<void> {
  const matches = (source: string, type: string, detail: JsonMap) =>
    patterns.filter((pattern) => readPattern(pattern)({ source, 'detail-type': type, detail })).length;
  const push = (name: string, tag: string) =>
    matches('aws.ecr', 'ECR Image Action', {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': name,
      'image-tag': tag,
    });
  const job = (status: string, queue: unknown) =>
    matches('aws.batch', 'Batch Job State Change', { status, jobQueue: textOf(queue) ?? '' });
  await check('rows that were added, changed or removed reach it within five seconds', () => {
    const filters = listOf(mapOf(mapping.FilterCriteria).Filters).map((one) => textOf(mapOf(one).Pattern) ?? '{}');
    const passes = (eventName: string) =>
      filters.length === 0 || filters.some((pattern) => readPattern(JSON.parse(pattern))({ eventName }));
    return Number(mapping.MaximumBatchingWindowInSeconds) <= 5 && ['INSERT', 'MODIFY', 'REMOVE'].every(passes);
  });
  await check('pushes reach it, but for those of the mirror itself and those without a tag', () => {
    return push('released/app', '1.0') === 1 && push('mirror/a', '1.0') === 0 && push('released/app', '') === 0;
  });
  await check('failed jobs of its own queue reach it, and no others', () => {
    const own = queues[0]?.jobQueueArn;
    return job('FAILED', own) === 1 && job('SUCCEEDED', own) === 0 && job('FAILED', `${own}-of-others`) === 0;
  });
  await check('there is one schedule', () => schedules.length === 1 && schedules[0]?.State === 'ENABLED');
}

async function checkJobs({ definitions, copies }: Deployed, { check }: Narrator): Promise<void> {
  await check('the job definition runs the worker on Fargate, as nobody, and names the table of copies', () => {
    const properties = mapOf(definitions[0]?.templateProperties);
    return JSON.stringify(properties).includes(copies) && listOf(properties.PlatformCapabilities).join() === 'FARGATE';
  });
}

/** States of copies, by destination. */
export function states(items: readonly JsonMap[]): ReadonlyMap<string, string> {
  const text = (item: JsonMap, name: string) => textOf(mapOf(item[name]).S) ?? '';
  return new Map(
    items
      .filter((item) => text(item, CopyAttribute.DESTINATION) !== ROW_ITEM && item[CopyAttribute.STATE] !== undefined)
      .map((item) => [text(item, CopyAttribute.DESTINATION), text(item, CopyAttribute.STATE)]),
  );
}
