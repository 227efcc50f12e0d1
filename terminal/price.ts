import type { EcrQuota, Price, PullPrice, QuotaPrice } from '../lib/model/price';
import { count, formatBytes, formatSeconds } from './format';

/** One thing that a plan costs: the word that its line begins with, and whether somebody should look at it. */
export interface PriceLine {
  readonly word: string;
  readonly text: string;
  readonly finding: boolean;
}

/** Names of repositories that are listed; of more, how many. */
const MOST_NAMES = 10;

/** What a plan costs, for people. Nothing is said of what costs nothing. */
export function priceLines({ bytes, pulls, create, quotas, storage, unknown }: Price): readonly PriceLine[] {
  const told = (word: string, text: string): PriceLine => ({ word, text, finding: false });
  const finding = (word: string, text: string): PriceLine => ({ word, text, finding: true });
  return [
    ...bytes.map(({ registry, new: fresh, held }) =>
      told(
        'bytes',
        `${formatBytes(fresh)} new for ${registry}${held === 0 ? '' : `, ${formatBytes(held)} there already`}`,
      ),
    ),
    ...pulls.map((price) => ({ word: 'pulls', text: pullText(price), finding: price.putOff > 0 })),
    ...(create.length === 0 ? [] : [finding('create', createText(create))]),
    ...quotas.map((price) => finding('quota', quotaText(price))),
    ...(storage === undefined
      ? []
      : [
          told(
            'storage',
            `${formatBytes(storage.bytes)} more in Amazon ECR: ${dollars(storage.usd)} a month (${storage.region})`,
          ),
        ]),
    ...unknown.map((line) => finding('unknown', line)),
  ];
}

function pullText({ registry, source, expected, images, putOff, free, left, limit, window, until }: PullPrice): string {
  const wanted = `${registry}: about ${count(expected, 'pull')} for ${count(images, 'image')}`;
  const who = source === undefined || source === '-' ? '' : ` to ${source}`;
  const there = `${left} of ${limit} in ${formatSeconds(window)} left${who}, ${free} to be taken now`;
  return putOff === 0
    ? `${wanted}; ${there}`
    : `${wanted}; ${there}: ${count(putOff, 'image')} put off, until ${until?.slice(0, 16)}Z at the latest`;
}

function createText(create: readonly string[]): string {
  const more = create.length - MOST_NAMES;
  const names = `${create.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `${count(create.length, 'repository', 'repositories')} of Amazon ECR to be there first: ${names}`;
}

const UNITS: Readonly<Record<EcrQuota, readonly [string, string]>> = {
  repositories: ['repository', 'repositories'],
  images: ['image', 'images'],
  tags: ['tag', 'tags'],
};

function quotaText({ quota, of, used, adding, limit }: QuotaPrice): string {
  const [singular, plural] = UNITS[quota];
  const verdict = used + adding > limit ? 'too many for' : 'near';
  return `${of} has ${count(used, singular, plural)} and gets ${adding} more, ${verdict} the quota of ${limit}`;
}

/** Amounts below a cent say so. */
function dollars(usd: number): string {
  return usd > 0 && usd < 0.01 ? 'less than USD 0.01' : `USD ${usd.toFixed(2)}`;
}
