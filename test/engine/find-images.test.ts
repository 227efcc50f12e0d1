import { makePlan } from '../../engine/make-plan';
import { runCopies } from '../../engine/run-copies';
import { Session } from '../../engine/session';
import { parseRow } from '../../lib/model/mirror-row';
import { ImageMaker, MemoryRegistries } from '../fakes/memory-store';

const clock = { now: () => Date.UTC(2026, 0, 1), sleep: async () => undefined };
const permissions = { sources: ['**'], destinations: ['**'], outward: [] };
const SOURCE = 'docker.io/library/app';
const DESTINATION = 'our.example/app';

function world() {
  const registries = new MemoryRegistries();
  const { stores } = registries;
  const make = new ImageMaker(registries.store(SOURCE));
  const rows = (tags: readonly string[]) =>
    tags.map((tag, position) =>
      parseRow(
        { Source: `app:${tag}`, Destination: DESTINATION, Referrers: false },
        { mapping: { registry: 'our.example' }, position },
      ),
    );
  const plan = (tags: readonly string[], session?: Session) =>
    makePlan(rows(tags), { stores, permissions, clock, ...(session === undefined ? {} : { session }) });
  const sync = async (...tags: string[]) => {
    const session = new Session({ clock });
    const planned = await plan(tags, session);
    for await (const { outcome } of runCopies(planned.copies, { stores, clock, session })) {
      expect(outcome).toMatchObject({ state: 'Mirrored' });
    }
    return planned;
  };
  const asked = (repository: string) =>
    registries.calls
      .filter((call) => call.repository === repository)
      .map(({ operation, what }) => `${operation} ${what}`);
  return { registries, make, plan, sync, asked };
}

describe('who copies what is planned', () => {
  it('reads what the destination lacks in place of looking it up first', async () => {
    const { make, sync, asked } = world();
    make.image(['a'], {}, '1');
    await sync('1');
    expect(asked(SOURCE).filter((call) => /^(resolve|read|fetchManifest)/.test(call))).toEqual(['read 1']);
  });

  it('reads no manifest of an image that is there', async () => {
    const { registries, make, sync, asked } = world();
    make.image(['a'], {}, '1');
    await sync('1');
    registries.calls.length = 0;
    const planned = await sync('1');
    expect(planned.skipped.map(({ reason }) => reason)).toEqual(['up-to-date']);
    expect([...asked(SOURCE), ...asked(DESTINATION)]).toEqual(['resolve 1', 'resolve 1']);
  });

  it('asks a repository for its tags once when the first is not there, and for none of those by itself', async () => {
    const { make, sync, asked } = world();
    for (const tag of ['1', '2', '3', '4', '5']) make.image([tag], {}, tag);
    await sync('1');
    await sync('2', '3', '4', '5');
    const looks = asked(DESTINATION).filter((call) => /^(resolve|tags)/.test(call));
    expect(looks.filter((call) => call.startsWith('tags'))).toHaveLength(2);
    expect(looks.filter((call) => /^resolve [345]$/.test(call))).toEqual([]);
  });

  it('looks up tags that the list names', async () => {
    const { make, sync, asked, registries } = world();
    for (const tag of ['1', '2', '3']) make.image([tag], {}, tag);
    await sync('2');
    registries.calls.length = 0;
    const planned = await sync('1', '2', '3');
    expect(planned.skipped.map(({ mirror, reason }) => `${mirror} ${reason}`)).toEqual(['app:2 up-to-date']);
    expect(asked(DESTINATION)).toContain('resolve 2');
  });
});

describe('who only plans', () => {
  it('reads no manifest and asks both sides at once', async () => {
    const { registries, make, plan, asked } = world();
    make.image(['a'], {}, '1');
    let under = 0;
    let most = 0;
    registries.fault = async () => {
      most = Math.max(most, ++under);
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      under--;
    };
    await plan(['1']);
    expect([most, asked(SOURCE), asked(DESTINATION)]).toEqual([2, ['resolve 1'], ['resolve 1']]);
  });
});
