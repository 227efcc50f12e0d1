import { memoryPulls, type PullLedger } from '../../engine/pull-ledger';
import { Pulls } from '../../engine/pulls';
import { pullSupplies } from '../../lambda/pull-supplies';
import type { Copy } from '../../lib/model/copy';
import { parseReference } from '../../lib/model/reference';
import { VirtualClock } from '../fakes/virtual-clock';

const clock = new VirtualClock();
const copies = [{ source: parseReference('docker.io/library/app:1') }] as unknown as Copy[];
const HEAD = { registry: 'docker.io', method: 'HEAD', kind: 'manifest' };
const WINDOW = 21_600;

function answer(source: string, remaining: number, limit = 100) {
  const headers = {
    'ratelimit-limit': `${limit};w=${WINDOW}`,
    'ratelimit-remaining': `${remaining};w=${WINDOW}`,
    'docker-ratelimit-source': source,
  };
  return { status: 200, headers };
}

/** A worker that is counted by an address and takes some of its pulls. */
async function work(ledger: PullLedger, source: string, taken: number, limit = 100) {
  await ledger.hear(
    { registry: 'docker.io', source },
    { source, limit, remaining: limit, window: WINDOW },
    clock.now(),
  );
  for (let i = 0; i < taken; i++) await ledger.take({ registry: 'docker.io', source }, 0, clock.now());
}

async function supplyOf(ledger: PullLedger, source: string, remaining: number, limit = 100) {
  const pulls = new Pulls({ pulls: ledger, clock });
  pulls.heard(HEAD, 'docker.io/library/app', answer(source, remaining, limit));
  const supplies = await pullSupplies(copies, { pulls, clock });
  const { source: counted, free, most } = supplies.get('docker.io/library/app') ?? {};
  return { counted, free, most };
}

describe('what workers may pull, as the controller sees it', () => {
  it('is what its account has left', async () => {
    expect(await supplyOf(memoryPulls(), 'team-id', 50, 200)).toEqual({ counted: 'team-id', free: 30, most: 180 });
  });

  it('is what its own address has left once workers have pulled by it', async () => {
    const ledger = memoryPulls();
    await work(ledger, '203.0.113.7', 30);
    expect(await supplyOf(ledger, '203.0.113.7', 70)).toEqual({ counted: '203.0.113.7', free: 60, most: 90 });
  });

  it('is not what its own address has left, which others share, while no worker has come by that', async () => {
    expect(await supplyOf(memoryPulls(), '198.51.100.1', 3)).toEqual({ counted: undefined, free: 90, most: 90 });
  });

  it('is what the one address has left by which all workers come', async () => {
    const ledger = memoryPulls();
    await work(ledger, '203.0.113.7', 80);
    expect(await supplyOf(ledger, '198.51.100.1', 3)).toEqual({ counted: '203.0.113.7', free: 10, most: 90 });
    await clock.passUntil(clock.sleep(WINDOW * 1000));
    expect(await supplyOf(ledger, '198.51.100.1', 3)).toEqual({ counted: '203.0.113.7', free: 90, most: 90 });
  });

  it('is a whole limit where each worker comes by an address of its own', async () => {
    const ledger = memoryPulls();
    await work(ledger, '203.0.113.7', 90);
    await work(ledger, '203.0.113.8', 90);
    expect(await supplyOf(ledger, '198.51.100.1', 3)).toEqual({ counted: undefined, free: 90, most: 90 });
  });

  it('is not limited where the registry does not say so', async () => {
    const pulls = new Pulls({ clock });
    pulls.heard(HEAD, 'docker.io/library/app', { status: 200, headers: {} });
    expect((await pullSupplies(copies, { pulls, clock })).size).toBe(0);
  });
});
