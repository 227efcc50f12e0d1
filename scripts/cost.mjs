/**
 * `node scripts/cost.mjs`: what a mirror costs, as docs/cost.md has it. Computed from list prices, from what was measured of a
 * copied and of an unchanged image (`test/docs/cost.test.ts` measures it again), and from assumptions that are printed, too.
 * `--json` prints what it goes by.
 */
import { readFileSync } from 'node:fs';

const { ecrGigabyteMonth } = JSON.parse(readFileSync(new URL('../bin/prices.json', import.meta.url), 'utf8'));

/** USD in us-east-1, from AWS's pages of prices and what was published of them, read on 2026-11-21. */
const PRICES = {
  /** https://aws.amazon.com/fargate/pricing/: ARM, an hour; from the start of pulling to the end, a minute at least. */
  fargate: { vCpu: 0.03238, gibibyte: 0.00356, shortest: 60, spot: 0.3 },
  /** https://aws.amazon.com/lambda/pricing/: ARM, a GB-second; a million requests. */
  lambda: { gigabyteSecond: 0.0000133334, million: 0.2 },
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/: a million request units. */
  dynamoDb: { readMillion: 0.125, writeMillion: 0.625 },
  /** https://aws.amazon.com/eventbridge/pricing/: a million invocations of Scheduler. */
  schedulerMillion: 1,
  /** https://aws.amazon.com/cloudwatch/pricing/: a GB of logs that comes in. */
  logsGigabyte: 0.5,
  /** A GB a month, as `ecr-mirror plan` has it. What comes in is free. */
  ecrGigabyte: ecrGigabyteMonth.usd,
};

/** Of one image for one platform and one destination, by the embedded DynamoDB and registries, a hundred in a run. */
const MEASURED = {
  /** From the schedule to `Mirrored`, controller and worker. */
  copied: { reads: 0.2, writes: 4.7, requests: 17 },
  /** A run that finds nothing to do. */
  unchanged: { reads: 0.2, writes: 0.1, requests: 4 },
};

/** What nobody can measure without AWS. */
const ASSUMED = {
  images: 1000,
  /** MB of an image that its repository has not got yet, and MB a second of one worker. */
  megabytes: 100,
  megabytesPerSecond: 25,
  /** Seconds until a task on Fargate has its container running, all of them paid for. */
  taskStart: 30,
  /** Destinations that one worker is given: `copiesPerGroup` in lib/model/groups.ts. */
  imagesPerWorker: 50,
  /** The controller: GB, requests at once, seconds of a request, seconds of anything else in a run. */
  /** Bytes of logs: of an image that is copied, of a run. */
  logs: { copy: 1000, run: 2000 },
  controller: { gigabytes: 0.5, requestsAtOnce: 16, request: 0.1, rest: 3 },
  runsPerMonth: 730,
};

const { images } = ASSUMED;
const SMALL = { vCpus: 0.5, gibibytes: 1 };
const LARGE = { vCpus: 2, gibibytes: 4 };

function fargate({ workers, imagesEach, vCpus, gibibytes, spot = false }) {
  const copying = (imagesEach * ASSUMED.megabytes) / ASSUMED.megabytesPerSecond;
  const seconds = Math.max(PRICES.fargate.shortest, ASSUMED.taskStart + copying);
  const hour = vCpus * PRICES.fargate.vCpu + gibibytes * PRICES.fargate.gibibyte;
  return ((workers * seconds) / 3600) * hour * (spot ? PRICES.fargate.spot : 1);
}

/** One run of the controller over so many images. */
function controller(requests) {
  const { gigabytes, requestsAtOnce, request, rest } = ASSUMED.controller;
  const seconds = rest + (requests * request) / requestsAtOnce;
  return seconds * gigabytes * PRICES.lambda.gigabyteSecond + PRICES.lambda.million / 1e6;
}

function tables({ reads, writes }, count) {
  return (count * (reads * PRICES.dynamoDb.readMillion + writes * PRICES.dynamoDb.writeMillion)) / 1e6;
}

function logs(bytes) {
  return (bytes / 1e9) * PRICES.logsGigabyte;
}

function perThousand() {
  const { copied, unchanged } = MEASURED;
  const packed = { workers: images / ASSUMED.imagesPerWorker, imagesEach: ASSUMED.imagesPerWorker };
  const single = { workers: images, imagesEach: 1 };
  const runs = ASSUMED.runsPerMonth;
  const once = controller(images * unchanged.requests) + tables(copied, images) + logs(images * ASSUMED.logs.copy);
  const hourly = runs * (controller(images * unchanged.requests) + PRICES.schedulerMillion / 1e6);
  const noted = runs * (tables(unchanged, images) + logs(ASSUMED.logs.run));
  return [
    ['copied, by 20 workers of 0.5 vCPU and 1 GiB, Spot: the default', fargate({ ...packed, ...SMALL, spot: true })],
    ['copied, by the same On-Demand', fargate({ ...packed, ...SMALL })],
    ['copied, by 20 workers of 2 vCPU and 4 GiB, Spot', fargate({ ...packed, ...LARGE, spot: true })],
    ['copied, by the same On-Demand', fargate({ ...packed, ...LARGE })],
    ['for comparison: copied by a job for each, of 2 vCPU and 4 GiB, On-Demand', fargate({ ...single, ...LARGE })],
    ['controller, tables and logs meanwhile', once],
    ['unchanged and looked at every hour, a month: controller and schedule', hourly],
    ['unchanged and looked at every hour, a month: tables and logs', noted],
    ['kept in Amazon ECR, a month', ((images * ASSUMED.megabytes) / 1000) * PRICES.ecrGigabyte],
  ];
}

/** A month without a row: a run each hour that finds none. */
function idle() {
  const runs = ASSUMED.runsPerMonth;
  return runs * (controller(0) + PRICES.schedulerMillion / 1e6 + logs(ASSUMED.logs.run));
}

function money(usd) {
  return usd < 0.001 ? 'below 0.001' : usd.toFixed(usd < 0.1 ? 3 : 2);
}

function print() {
  const rows = perThousand().map(([what, usd]) => `| ${what} | ${money(usd)} |`);
  return ['| a thousand images | USD |', '|---|---|', ...rows].join('\n');
}

const json = {
  prices: PRICES,
  measured: MEASURED,
  assumed: ASSUMED,
  idle: idle(),
  thousand: Object.fromEntries(perThousand()),
};
process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(json, undefined, 2) : print()}\n`);
